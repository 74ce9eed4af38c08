package com.kingcdn.redirector.rtt;

import io.prometheus.client.Gauge;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The resolvers (LDNS) from which queries come, as far as a sample shows them: whom edges shall probe. Safe for several threads. */
public final class AskingResolvers implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AskingResolvers.class);

    private static final Gauge KNOWN = Gauge.build(
                    "kingcdn_redirector_resolvers", "Resolvers known by their queries of late")
            .register();

    private static final int MOST = 50_000;
    private static final long DRAIN_MILLIS = 250;
    private static final long DECAY_MILLIS = 60_000;

    private final ResolverSample sample = new ResolverSample();
    private final LongSupplier monotonicMillis;
    private final ResolverTable table;
    private final ScheduledExecutorService drain = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "asking-resolvers");
        thread.setDaemon(true);
        return thread;
    });

    private long decayedAtMillis;

    public AskingResolvers(LongSupplier monotonicMillis) {
        this.monotonicMillis = monotonicMillis;
        decayedAtMillis = monotonicMillis.getAsLong();
        table = new ResolverTable(MOST, decayedAtMillis);
    }

    /** Begins to read what {@link #asked} notes. */
    public void start() {
        drain.scheduleWithFixedDelay(this::drain, DRAIN_MILLIS, DRAIN_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A query has come from this address. Costs almost nothing, and is forgotten in most cases when queries are many. */
    public void asked(InetAddress source) {
        sample.asked(source);
    }

    /** Those that ask most, the most frequent first. */
    public synchronized List<InetAddress> ranked(int limit) {
        return table.ranked(limit);
    }

    private synchronized void drain() {
        try {
            sample.drain(table::asked);
            long now = monotonicMillis.getAsLong();
            if (now - decayedAtMillis >= DECAY_MILLIS) {
                decayedAtMillis = now;
                table.decay(now);
            }
            KNOWN.set(table.size());
        } catch (RuntimeException | Error e) {
            log.error("counting resolvers failed; trying again", e);
        }
    }

    @Override
    public void close() {
        drain.shutdownNow();
    }
}
