package com.kingcdn.edge.push;

/**
 * The pace of a fill: what has been taken is paid for by waiting, up to a second's worth being free after a pause. Pure; safe for use
 * by several threads.
 */
final class RateLimit {

    private static final long SECOND = 1_000_000_000;

    private final long bytesPerSecond;

    /** When all that was taken so far is paid for. */
    private long paidAt = Long.MIN_VALUE;

    /** A limit of so many octets a second; 0 for none. */
    RateLimit(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /**
     * Takes octets.
     *
     * @return nanoseconds to wait before more are taken
     */
    synchronized long take(long octets, long nowNanos) {
        if (bytesPerSecond == 0) {
            return 0;
        }
        long cost = (long) ((double) octets / bytesPerSecond * SECOND);
        paidAt = Math.max(paidAt, nowNanos - SECOND) + cost;
        return Math.max(0, paidAt - nowNanos);
    }
}
