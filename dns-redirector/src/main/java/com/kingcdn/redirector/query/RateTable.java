package com.kingcdn.redirector.query;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Leaky buckets for any number of keys in a table that does not grow.
 *
 * <p>A bucket is one number: the time at which it will have run empty (the generic cell rate algorithm, ITU-T I.371), so nothing has to
 * be drained. A key has two slots, found by a secret hash (SipHash-1-3), and its level is the lower one: two keys that meet in one slot
 * do not meet in the other, and nobody can choose addresses that meet a victim's. Keys that share both slots share their rate.
 *
 * <p>Thread-safe without locks; when two threads charge one slot at the same moment, one of the charges may be lost, to the client's
 * favour.
 */
final class RateTable {

    private final AtomicLongArray emptyAt;
    private final int mask;
    private final long key0;
    private final long key1;

    /** @param slots a power of two; 8 bytes each */
    RateTable(int slots, SecureRandom random) {
        if (Integer.bitCount(slots) != 1) {
            throw new IllegalArgumentException("the number of slots must be a power of two, not " + slots);
        }
        emptyAt = new AtomicLongArray(slots);
        mask = slots - 1;
        key0 = random.nextLong();
        key1 = random.nextLong();
    }

    /**
     * Pours into a key's bucket, unless that has no room.
     *
     * @param now nanoseconds, 0 or above, that never go back
     * @param fillNanos how long what is poured takes to run out
     * @param burstNanos how long a full bucket takes to run out
     * @return whether there was room
     */
    boolean pour(long key, long now, long fillNanos, long burstNanos) {
        long hash = SipHash.hash13(key0, key1, key);
        int first = (int) hash & mask;
        int second = (int) (hash >>> 32) & mask;
        long firstAt = emptyAt.getOpaque(first);
        long secondAt = emptyAt.getOpaque(second);
        long full = Math.max(now, Math.min(firstAt, secondAt)) + fillNanos;
        if (full - now > burstNanos) {
            return false;
        }
        if (firstAt < full) {
            emptyAt.setOpaque(first, full);
        }
        if (secondAt < full) {
            emptyAt.setOpaque(second, full);
        }
        return true;
    }
}
