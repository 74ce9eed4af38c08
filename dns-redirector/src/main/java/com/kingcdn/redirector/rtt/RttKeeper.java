package com.kingcdn.redirector.rtt;

import com.kingcdn.redirector.pace.ShortTurns;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps the RTT map over a restart, so that no client is sent elsewhere by one: it reads the map's file at the start, and writes it now
 * and then and at the end, on a thread of its own. Failing, it leaves the file as it was, and tries again.
 */
public final class RttKeeper implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RttKeeper.class);

    private static final Gauge WRITTEN = Gauge.build(
                    "kingcdn_redirector_rtt_kept_timestamp_seconds",
                    "When the file that keeps the RTT map over a restart was last written, Unix time")
            .register();
    private static final Counter FAILURES = Counter.build(
                    "kingcdn_redirector_rtt_keep_failures",
                    "Times that the file of the RTT map could not be read or written")
            .register();

    /** Of the disk; the control journal needs some. */
    private static final long SPARED_BYTES = 64 << 20;

    private static final int CLOSE_SECONDS = 10;

    private final RttMap map;
    private final @Nullable Path file;
    private final Duration every;
    private final Clock clock;
    private final LongSupplier monotonicMillis;
    private final ScheduledThreadPoolExecutor writer = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "rtt-keeper");
        thread.setDaemon(true);
        return thread;
    });

    private boolean failed;
    private volatile boolean closing;

    /**
     * @param file in a directory that this process has for itself; null when nothing is to be kept
     * @param every from the end of one write to the next
     * @param monotonicMillis the map's clock
     */
    public RttKeeper(RttMap map, @Nullable Path file, Duration every, Clock clock, LongSupplier monotonicMillis) {
        this.map = map;
        this.file = file;
        this.every = every;
        this.clock = clock;
        this.monotonicMillis = monotonicMillis;
    }

    /** Reads what was kept; on return it is in the map. */
    public void start() {
        if (file != null) {
            read(file);
            writer.scheduleWithFixedDelay(() -> write(file), every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void read(Path kept) {
        if (Files.notExists(kept)) {
            return;
        }
        try {
            long begin = System.nanoTime();
            WRITTEN.set(Files.getLastModifiedTime(kept).toMillis() / 1000.0);
            long taken = RttFile.read(map, kept, clock.millis(), monotonicMillis.getAsLong());
            log.info(
                    "{} measurements of {} prefixes read from {} in {} ms",
                    taken,
                    map.size(),
                    kept,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        } catch (IOException | RuntimeException e) {
            FAILURES.inc();
            log.warn("{} is not used, clients are answered by geography until edges have measured: {}", kept, text(e));
        }
    }

    private void write(Path kept) {
        try {
            ShortTurns.take(() -> closing, () -> writeAll(kept));
            WRITTEN.set(clock.millis() / 1000.0);
            if (failed) {
                log.info("the RTT map is kept in {} again", kept);
            }
            failed = false;
        } catch (RuntimeException | Error e) {
            FAILURES.inc();
            if (!failed) {
                log.warn("the RTT map cannot be written to {}, which stays as it was; trying again: {}", kept, text(e));
            }
            failed = true;
        }
    }

    private void writeAll(Path kept) {
        try {
            RttFile.write(map, kept, clock.millis(), monotonicMillis.getAsLong(), SPARED_BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Throwable failure) {
        return failure instanceof UncheckedIOException && failure.getCause() != null
                ? failure.getCause().toString()
                : failure.toString();
    }

    /** Writes it once more, for which there are {@value #CLOSE_SECONDS} seconds; a second time does nothing. */
    @Override
    public void close() {
        if (writer.isShutdown()) {
            return;
        }
        closing = true;
        if (file != null) {
            writer.execute(() -> write(file));
        }
        writer.shutdown();
        try {
            if (!writer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            writer.shutdownNow();
        }
    }
}
