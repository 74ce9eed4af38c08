package com.kingcdn.edge.store;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time after the start in which what the directory holds is read, segment by segment, while the tier is written already. Driven by the
 * writer thread; any thread may ask how far it is.
 */
final class DiskLoad {

    private static final Logger LOGGER = LoggerFactory.getLogger(DiskLoad.class);

    private static final long REPORT_EVERY = Duration.ofSeconds(5).toNanos();

    private final SegmentRecovery recovery;
    private final DiskTierListener listener;
    private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private final long beganAt = System.nanoTime();

    private int segments;
    private long reportedAt = beganAt;
    private volatile int unread;
    private volatile long endedAt;
    private volatile boolean underWay = true;

    DiskLoad(SegmentRecovery recovery, DiskTierListener listener) {
        this.recovery = recovery;
        this.listener = listener;
    }

    /** Opens the segments; from then on the log can be written. */
    void begin() throws IOException {
        recovery.begin();
        segments = recovery.unread();
        unread = segments;
        if (segments > 0) {
            LOGGER.info("disk tier: loading {} segments; until that is done, what they hold is a miss", segments);
        }
    }

    /** Reads the next segment, if there is one; after the last one, what was found is the listener's. */
    void step() {
        if (!underWay) {
            return;
        }
        if (recovery.unread() > 0) {
            recovery.readNext();
            unread = recovery.unread();
            report();
        }
        if (recovery.unread() == 0) {
            end();
        }
    }

    private void report() {
        long now = System.nanoTime();
        if (now - reportedAt >= REPORT_EVERY) {
            reportedAt = now;
            LOGGER.info("disk tier: loading, {} of {} segments are read", segments - unread, segments);
        }
    }

    /** Reads all that is left. */
    void finish() {
        while (underWay) {
            step();
        }
    }

    private void end() {
        try {
            listener.loaded();
        } catch (RuntimeException e) {
            LOGGER.error("disk tier: not all that is on disk can be found", e);
        } finally {
            endedAt = System.nanoTime();
            underWay = false;
        }
        if (segments > 0) {
            LOGGER.info("disk tier: {} segments loaded in {} ms", segments, (endedAt - beganAt) / 1_000_000);
        }
        done.complete(null);
    }

    /** Nothing can be read. */
    void giveUp() {
        unread = 0;
        if (underWay) {
            end();
        }
    }

    /** The tier is closed; what is not read will be found at the next start. */
    void close() {
        done.completeExceptionally(new IOException("the disk tier was closed while it was loading"));
    }

    /** What was found, for who is told that all has been read. */
    SegmentRecovery recovery() {
        return recovery;
    }

    boolean isUnderWay() {
        return underWay;
    }

    /** How many segments are still to be read. */
    int unread() {
        return unread;
    }

    /** How long it has taken, so far or in all. */
    double seconds() {
        return ((underWay ? System.nanoTime() : endedAt) - beganAt) / 1e9;
    }

    /** Completes, on the writer thread, when all that is on disk can be found; exceptionally when the tier is closed before. */
    CompletableFuture<@Nullable Void> done() {
        return done;
    }
}
