package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.Transport;
import io.prometheus.client.Counter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place where messages are counted that a defect of ours left without an answer, and one of them a minute is logged with how many
 * there were: whoever finds a message that does it can send it as often as he likes.
 */
final class MessageFailures {

    private static final Logger LOG = LoggerFactory.getLogger(MessageFailures.class);
    private static final long NANOS_BETWEEN_LOGS = TimeUnit.MINUTES.toNanos(1);
    private static final Counter FAILED = Counter.build(
                    "kingcdn_redirector_unanswered_total", "Messages left without an answer because of a defect.")
            .register();

    private static final AtomicLong SINCE_LOGGED = new AtomicLong();
    private static final AtomicLong LAST_LOGGED = new AtomicLong(System.nanoTime() - NANOS_BETWEEN_LOGS);

    private MessageFailures() {}

    /** Makes the series appear, at zero. */
    static void register() {
        // the static field above does it
    }

    static void failed(Transport transport, Throwable failure) {
        FAILED.inc();
        long count = SINCE_LOGGED.incrementAndGet();
        long last = LAST_LOGGED.get();
        long now = System.nanoTime();
        if (now - last >= NANOS_BETWEEN_LOGS && LAST_LOGGED.compareAndSet(last, now)) {
            SINCE_LOGGED.addAndGet(-count);
            LOG.error(
                    "{} message(s) left without an answer because of a defect, the last one over {}; the next line comes in a minute at the earliest",
                    count,
                    transport.label(),
                    failure);
        }
    }
}
