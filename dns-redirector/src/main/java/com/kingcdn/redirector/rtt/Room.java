package com.kingcdn.redirector.rtt;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that measurements may take, and what they take of it, in bytes. Safe for several threads. */
final class Room {

    private final long limit;
    private final AtomicLong taken = new AtomicLong();

    Room(long limit) {
        this.limit = limit;
    }

    /**
     * Takes so much, or nothing when there is less; then the result is false.
     *
     * @param share of all room, 0 to 1, that may be taken after that
     */
    boolean take(long bytes, double share) {
        if (taken.addAndGet(bytes) <= (long) (limit * share)) {
            return true;
        }
        give(bytes);
        return false;
    }

    /** Gives back. */
    void give(long bytes) {
        taken.addAndGet(-bytes);
    }

    long taken() {
        return taken.get();
    }
}
