package com.kingcdn.edge.upstream;

/**
 * A bound on retries as a share of requests, so that a failing origin does not get twice its traffic: each request earns a fifth of a
 * retry, and at most ten are saved up.
 */
final class RetryBudget {

    private static final int PER_RETRY = 5;
    private static final int MOST = 10 * PER_RETRY;

    private int saved = MOST;

    synchronized void earn() {
        saved = Math.min(MOST, saved + 1);
    }

    /** Whether a retry may be made; it is then paid for. */
    synchronized boolean spend() {
        if (saved < PER_RETRY) {
            return false;
        }
        saved -= PER_RETRY;
        return true;
    }
}
