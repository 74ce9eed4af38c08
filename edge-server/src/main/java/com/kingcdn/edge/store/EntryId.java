package com.kingcdn.edge.store;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The identity of one stored response. A new response gets a new identity, also when it replaces one for the same key, so blocks of
 * two versions can never be mixed up, in memory or on disk. Identities are never used twice.
 *
 * @param high random for each run of the process
 * @param low counts within a run
 */
public record EntryId(long high, long low) {

    /** Octets in the disk form. */
    static final int BYTES = 2 * Long.BYTES;

    private static final long RUN = new SecureRandom().nextLong();
    private static final AtomicLong NEXT = new AtomicLong();

    /** An identity that no entry has had before. */
    public static EntryId next() {
        return new EntryId(RUN, NEXT.incrementAndGet());
    }

    @Override
    public int hashCode() {
        return Long.hashCode(low) * 31 + Long.hashCode(high);
    }

    @Override
    public String toString() {
        return "%016x-%x".formatted(high, low);
    }
}
