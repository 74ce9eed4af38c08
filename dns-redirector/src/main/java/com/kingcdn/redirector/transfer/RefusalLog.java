package com.kingcdn.redirector.transfer;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * The log's share of requests that were refused: anybody can send those, and must not be able to fill a disk with them. One a second
 * gets a line, which says how many did not.
 */
final class RefusalLog {

    private static final long NANOS_BETWEEN = 1_000_000_000L;

    private final Logger log;
    private final LongSupplier nanoTime;
    private final AtomicLong next;
    private final AtomicLong unsaid = new AtomicLong();

    /** @param nanoTime the clock, like {@link System#nanoTime} */
    RefusalLog(Logger log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
        this.next = new AtomicLong(nanoTime.getAsLong());
    }

    void refused(Object request, String why) {
        long now = nanoTime.getAsLong();
        long due = next.get();
        if (now - due >= 0 && next.compareAndSet(due, now + NANOS_BETWEEN)) {
            long others = unsaid.getAndSet(0);
            log.info("refused: {}: {}{}", request, why, others == 0 ? "" : ", and " + others + " more before");
        } else {
            unsaid.incrementAndGet();
        }
    }
}
