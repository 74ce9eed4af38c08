package com.kingcdn.edge;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time that SIGTERM gives an edge to leave, in which it serves those whom answers of DNS still send to it.
 *
 * <p>SIGINT, or a second signal, takes the rest of it away; whatever else ends the process gives none. The JVM by itself makes no
 * difference between signals, and hears none once its shutdown has begun.
 */
final class Leave {

    private static final Logger LOG = LoggerFactory.getLogger(Leave.class);

    private static final String TERM = "TERM";
    private static final String INT = "INT";

    /** Exit statuses, as the JVM's own handlers have them: 128 and the signal's number. */
    private static final int BY_TERM = 128 + 15;

    private static final int BY_INT = 128 + 2;

    private final Duration time;
    private final IntConsumer exit;
    private final List<Runnable> heard = new ArrayList<>();
    private final AtomicBoolean ending = new AtomicBoolean();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean granted;

    /**
     * @param time zero for none
     * @param exit ends the process with a status, which runs its shutdown hooks; it may not return
     */
    Leave(Duration time, IntConsumer exit) {
        this.time = time;
        this.exit = exit;
    }

    /** Hears the process's signals from now on. */
    void listen() {
        try {
            heard.add(ProcessSignal.hear(TERM, this::terminate));
            heard.add(ProcessSignal.hear(INT, this::interrupt));
        } catch (ReflectiveOperationException e) {
            LOG.warn("signals will end this edge without time to leave: the JVM does not hand them on", e);
        }
    }

    /** Leaves signals to those who heard them before. */
    void forget() {
        heard.forEach(Runnable::run);
        heard.clear();
    }

    /** Ends the process, with time to leave when it is not ending already. */
    void terminate() {
        end(TERM, BY_TERM, !time.isZero());
    }

    /** Ends the process, without time to leave. */
    void interrupt() {
        end(INT, BY_INT, false);
    }

    private void end(String signal, int status, boolean grant) {
        if (ending.compareAndSet(false, true)) {
            granted = grant;
            exit.accept(status);
        } else {
            LOG.info("SIG{} as well: no more time to leave", signal);
            over.countDown();
        }
    }

    /** Whether there is time to leave, now that the process ends. */
    boolean isGranted() {
        return granted;
    }

    Duration time() {
        return time;
    }

    /**
     * Waits for a part of the time.
     *
     * @return false when the rest has been taken away
     */
    boolean await(Duration part) {
        try {
            return !over.await(part.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            over.countDown();
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
