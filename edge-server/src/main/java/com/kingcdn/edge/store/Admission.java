package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;

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

    synchronized void revoke() {
        revoked = true;
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
