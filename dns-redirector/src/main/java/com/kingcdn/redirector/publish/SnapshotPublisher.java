package com.kingcdn.redirector.publish;

import com.kingcdn.redirector.dnssec.ZoneKeys;
import com.kingcdn.redirector.dnssec.ZoneSigner;
import com.kingcdn.redirector.health.ClusterHealth;
import com.kingcdn.redirector.health.ShedController;
import com.kingcdn.redirector.pace.ShortTurns;
import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.ControlStoreException;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.redirector.registry.ZoneSource;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.RemapRound;
import com.kingcdn.redirector.routing.Shedding;
import com.kingcdn.redirector.rtt.RttMap;
import com.kingcdn.redirector.transfer.LiveZones;
import com.kingcdn.redirector.transfer.ZoneParser;
import com.kingcdn.redirector.zone.EdgeHttps;
import com.kingcdn.redirector.zone.ServedZone;
import com.kingcdn.redirector.zone.ServingInputs;
import com.kingcdn.redirector.zone.ServingSnapshot;
import com.kingcdn.redirector.zone.Ttls;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only writer of the serving snapshot: queries read what it last published.
 *
 * <p>A change of the configuration, of the geo files or of what was measured compiles a new snapshot, on a thread of its own, since that can take seconds with a
 * large database; changes that come meanwhile are compiled together afterwards. A change of health or load only derives one from the snapshot in
 * use, on another thread, so it is never behind a compilation. When compiling fails, the snapshot in use stays.
 */
public final class SnapshotPublisher implements Supplier<ServingSnapshot>, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SnapshotPublisher.class);

    private static final long HEALTH_PERIOD_MILLIS = 100;
    private static final long GEO_PERIOD_SECONDS = 5;
    private static final long REMAP_PERIOD_MILLIS = 2_000;

    /** Remapping takes a tenth of a core at most. */
    private static final int REST = 9;

    /** What takes longer was most likely not the round: the machine stood still. */
    private static final long LONGEST_ROUND_MILLIS = 10_000;

    private final Registries registries;
    private final ClusterHealth health;
    private final RttMap rtt;
    private final ZoneKeys keys;
    private final SignAhead signAhead;
    private final GeoFiles geoFiles;
    private final ShedWatch shedding;
    private final LongSupplier monotonicMillis;
    private final PublisherMetrics metrics = new PublisherMetrics();
    private final ScheduledExecutorService compiler =
            Executors.newSingleThreadScheduledExecutor(daemon("snapshot-compiler"));
    private final ScheduledExecutorService healthWatch =
            Executors.newSingleThreadScheduledExecutor(daemon("health-watch"));
    /** Completes when the compilation that has not begun yet has been published. */
    private final AtomicReference<@Nullable CompletableFuture<Void>> awaited = new AtomicReference<>();

    private final Runnable onConfigChange = this::compileSoon;

    private final LiveZones zones;
    private Set<String> publishedUp = Set.of();
    private PathSource paths = PathSource.NONE;
    private long remapAtMillis;
    private volatile @Nullable ServingSnapshot current;

    /**
     * @param keys of the zones that are to be signed
     * @param parser may have read the zones already
     * @param geoFiles mmdb files that go before those of the configuration file; may be empty
     * @param monotonicMillis the clock of the reports
     */
    public SnapshotPublisher(
            Registries registries,
            EdgeReports reports,
            ZoneKeys keys,
            ZoneParser parser,
            List<Path> geoFiles,
            LongSupplier monotonicMillis) {
        this.registries = registries;
        this.health = reports.health();
        this.shedding = new ShedWatch(new ShedController(reports.load()));
        this.rtt = reports.rtt();
        this.keys = keys;
        this.signAhead = new SignAhead(keys.mostSignatures());
        this.zones = new LiveZones(registries.zones(), parser);
        this.geoFiles = new GeoFiles(geoFiles);
        this.monotonicMillis = monotonicMillis;
    }

    /**
     * Compiles the first snapshot, with what the RTT map has, and publishes it; then follows changes.
     *
     * @throws RuntimeException when the first snapshot cannot be compiled
     */
    public void start() {
        registries.config().subscribe(onConfigChange);
        keys.subscribe(onConfigChange);
        try {
            // what changes meanwhile is compiled behind it
            CompletableFuture.runAsync(this::compileFirst, compiler).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
        healthWatch.scheduleWithFixedDelay(
                this::watchHealth, HEALTH_PERIOD_MILLIS, HEALTH_PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        compiler.scheduleWithFixedDelay(
                surviving(this::watchMeasurements), REMAP_PERIOD_MILLIS, REMAP_PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        compiler.scheduleWithFixedDelay(
                surviving(this::watchGeoFiles), GEO_PERIOD_SECONDS, GEO_PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    private void compileFirst() {
        paths = rtt.view(monotonicMillis.getAsLong(), false);
        compile();
        metrics.remapped(get().director().round(), rtt.refused());
    }

    /** The snapshot to answer from; only after {@link #start()}. */
    @Override
    public ServingSnapshot get() {
        return Objects.requireNonNull(current, "no snapshot has been published");
    }

    /** The zones that are served. */
    public LiveZones zones() {
        return zones;
    }

    /**
     * Serves changed zones. All who call before the compilation begins share one, however many they are.
     *
     * @return completes when they are served, exceptionally when they cannot be
     */
    public CompletableFuture<Void> publishZones() {
        return compileSoon();
    }

    /** Whether there is a snapshot to answer from. */
    public boolean isPublished() {
        return current != null;
    }

    /** A task that one failure does not end for good, as it would in an executor. */
    private static Runnable surviving(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                log.error("following measurements and geo files failed; trying again", e);
            }
        };
    }

    private CompletableFuture<Void> compileSoon() {
        CompletableFuture<Void> own = new CompletableFuture<>();
        @Nullable CompletableFuture<Void> other = awaited.compareAndExchange(null, own);
        if (other != null) {
            return other;
        }
        try {
            compiler.execute(() -> {
                // what changes from here on may come too late for this one
                awaited.set(null);
                @Nullable Throwable failure = compileOrKeep();
                if (failure == null) {
                    own.complete(null);
                } else {
                    own.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException | Error e) {
            // closed, or there is no thread to be had: whoever comes next tries again
            awaited.compareAndSet(own, null);
            own.completeExceptionally(e);
        }
        return own;
    }

    /** The result is why it failed, or null; want of memory too must leave nobody without an answer, and end no timer. */
    private @Nullable Throwable compileOrKeep() {
        try {
            compile();
            return null;
        } catch (RuntimeException | Error e) {
            metrics.failed();
            log.error("the changed configuration cannot be compiled, the one before stays in use: {}", e.toString());
            return e;
        }
    }

    private void compile() {
        Configuration config = registries.config().require();
        long begin = System.nanoTime();
        LiveZones.Taken taken = zones.take(config);
        ServingInputs inputs = inputs(config, taken.zones());
        @Nullable ServingSnapshot before = current;
        ServingSnapshot compiled =
                (before == null ? ServingSnapshot.compile(inputs) : before.recompile(inputs)).signedBy(signers(config));
        synchronized (this) {
            Set<String> up = upNodes(config);
            // not the one from which it was compiled: much may have happened since
            @Nullable ServingSnapshot last = current;
            current = compiled.withHealth(up, monotonicMillis.getAsLong(), last == null ? compiled : last);
            published(config, up);
        }
        zones.served(taken);
        metrics.compiled(System.nanoTime() - begin);
        signAhead.sign(get());
    }

    private ServingInputs inputs(Configuration config, List<ServedZone> served) {
        return new ServingInputs(
                served,
                config.distributions(),
                config.clusters(),
                new Ttls(
                        config.ttls().host(),
                        config.ttls().edgeHostname(),
                        config.ttls().address()),
                new EdgeHttps(config.https().alpn(), config.https().port()),
                geoFiles.places(config.geoDatabases()),
                paths,
                upBefore(config));
    }

    /** Who is up as far as snapshots know: it is not the compilation that finds out who is not any more. */
    private synchronized Set<String> upBefore(Configuration config) {
        return current == null ? upNodes(config) : publishedUp;
    }

    private Map<String, ZoneSigner> signers(Configuration config) {
        Map<String, ZoneSigner> signers = new HashMap<>();
        config.zones().stream()
                .filter(ZoneSource::dnssec)
                .forEach(zone -> signers.put(zone.name(), keys.signer(zone.name())));
        keys.keepOnly(signers.keySet());
        return signers;
    }

    private Set<String> upNodes(Configuration config) {
        return health.upNodes(config.clusters(), monotonicMillis.getAsLong());
    }

    private void watchHealth() {
        try {
            synchronized (this) {
                Configuration config = registries.config().require();
                Set<String> up = upNodes(config);
                if (!up.equals(publishedUp)) {
                    current = get().withHealth(up, monotonicMillis.getAsLong());
                    signAhead.sign(get());
                    logChange(up);
                    published(config, up);
                    metrics.healthPublished();
                }
                Shedding before = get().director().shedding();
                Shedding now = shedding.round(config, before, monotonicMillis.getAsLong());
                if (!now.equals(before)) {
                    current = get().withShedding(now);
                }
            }
        } catch (RuntimeException | Error e) {
            log.error("publishing a change of health or load failed; trying again", e);
        }
    }

    private void logChange(Set<String> up) {
        List<String> gone =
                publishedUp.stream().filter(node -> !up.contains(node)).sorted().toList();
        List<String> come =
                up.stream().filter(node -> !publishedUp.contains(node)).sorted().toList();
        log.info("edge nodes up: {}, down: {}", come, gone);
    }

    /** Under the lock, after {@link #current} was set. */
    private void published(Configuration config, Set<String> up) {
        boolean changed = !up.equals(publishedUp);
        publishedUp = up;
        metrics.published(config.clusters(), up);
        if (changed) {
            keepNodesDown(config.clusters(), up);
        }
    }

    private void keepNodesDown(List<Cluster> clusters, Set<String> up) {
        List<String> down = clusters.stream()
                .flatMap(cluster -> cluster.nodes().stream())
                .map(EdgeNode::id)
                .filter(node -> !up.contains(node))
                .sorted()
                .toList();
        try {
            registries.keepNodesDown(down);
        } catch (ControlStoreException e) {
            // only the first seconds after the next start would have used it
            log.debug("which nodes are down was not kept", e);
        }
    }

    /** A round of remapping, unless nothing was measured since the last, or that took so long that the machine needs a rest. */
    private void watchMeasurements() {
        long begin = monotonicMillis.getAsLong();
        if (begin < remapAtMillis) {
            return;
        }
        // a change of the configuration waits for this
        long rested = ShortTurns.take(() -> awaited.get() != null, () -> remap(begin));
        long end = monotonicMillis.getAsLong();
        remapAtMillis = end + restMillis(end - begin - TimeUnit.NANOSECONDS.toMillis(rested));
    }

    private void remap(long now) {
        RemapRound last = get().director().round();
        PathSource measured = rtt.view(now, last.waiting() > 0);
        if (measured != paths) {
            paths = measured;
            compileOrKeep();
            metrics.remapped(get().director().round(), rtt.refused());
        }
    }

    /** How long there is no round of remapping after one that took so long. */
    static long restMillis(long tookMillis) {
        return REST * Math.min(LONGEST_ROUND_MILLIS, tookMillis);
    }

    private void watchGeoFiles() {
        @Nullable Configuration config = registries.config().current();
        if (config != null && geoFiles.changed(config.geoDatabases())) {
            log.info("the geo database has changed");
            compileOrKeep();
        }
        if (geoFiles.isStale()) {
            metrics.failed();
        }
    }

    private static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void close() {
        registries.config().unsubscribe(onConfigChange);
        keys.unsubscribe(onConfigChange);
        compiler.shutdownNow();
        healthWatch.shutdownNow();
        signAhead.close();
    }
}
