package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The right to store what a request brings that is under way. A purge of its key revokes it, so that nothing sent before the purge can
 * be stored after it; of other purges it bears the generation.
 */
public final class Admission {

    private final CacheKey key;
    private boolean revoked;
    private volatile long generation;

    Admission(CacheKey key) {
        this.key = key;
    }

    CacheKey key() {
        return key;
    }

    /** Of the latest purge when it was given; 0 for a moment before it is known. */
    long generation() {
        return generation;
    }

    void generation(long value) {
        generation = value;
    }

    /** By its key; a request's right is no other request's. */
    @Override
    public int hashCode() {
        return key.hashCode();
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    synchronized void revoke() {
        revoked = true;
    }

    /** What this gives, unless the right was revoked, and before it can be; null if it was. */
    synchronized <T> @Nullable T ifValid(Supplier<T> action) {
        return revoked ? null : action.get();
    }

    /** Runs this unless the right was revoked, and before it can be. @return whether it ran */
    public synchronized boolean whileValid(Runnable action) {
        if (revoked) {
            return false;
        }
        action.run();
        return true;
    }
}
