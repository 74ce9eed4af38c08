package com.kingcdn.redirector.query;

import java.security.SecureRandom;

/**
 * Leaky buckets for each prefix of a {@link PrefixPyramid}. Thread-safe, in fixed memory.
 *
 * <p>One address cannot use up what its neighbours need, and a botnet or a victim's whole network meets a limit too. Levels are asked from
 * the narrowest up to the first that refuses, and only those before it are charged.
 */
final class RatePyramid {

    private static final int SLOTS = 1 << 16;
    private static final double SECOND = 1e9;

    private final RateTable[] levels = new RateTable[PrefixPyramid.LEVELS];
    private final long[] fillNanos = new long[PrefixPyramid.LEVELS];
    private final long burstNanos;

    /**
     * Of empty buckets.
     *
     * @param rate a second, of the narrowest prefixes
     * @param burst that they may take at once
     */
    RatePyramid(int rate, int burst, SecureRandom random) {
        for (int i = 0; i < levels.length; i++) {
            levels[i] = new RateTable(SLOTS, random);
            fillNanos[i] = Math.max(1, Math.round(SECOND / rate / Math.pow(PrefixPyramid.WIDENING, i)));
        }
        burstNanos = Math.round(SECOND / rate * burst);
    }

    /**
     * Charges for one more.
     *
     * @param key of {@link PrefixPyramid#key}
     * @param now nanoseconds, 0 or above, that never go back
     * @return whether all prefixes had room
     */
    boolean pour(long key, long now) {
        for (int i = 0; i < levels.length; i++) {
            if (!levels[i].pour(PrefixPyramid.widen(key, i), now, fillNanos[i], burstNanos)) {
                return false;
            }
        }
        return true;
    }
}
