package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;

/**
 * The right to store what a request brings that is under way. A purge of its key revokes it, so that nothing sent before the purge can
 * be stored after it.
 */
public final class Admission {

    private final CacheKey key;
    private boolean revoked;

    Admission(CacheKey key) {
        this.key = key;
    }

    CacheKey key() {
        return key;
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
