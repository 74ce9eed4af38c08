package com.kingcdn.redirector.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.control.HealthReport;
import com.kingcdn.control.LoadReport;
import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.dnssec.DnssecSettings;
import com.kingcdn.redirector.dnssec.ZoneKeys;
import com.kingcdn.redirector.health.ClusterHealth;
import com.kingcdn.redirector.health.LoadTracker;
import com.kingcdn.redirector.registry.ConfigFileReader;
import com.kingcdn.redirector.registry.MemoryControlStore;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.redirector.registry.Topologies;
import com.kingcdn.redirector.rtt.RttMap;
import com.kingcdn.redirector.transfer.ZoneParser;
import com.kingcdn.topology.Capacity;
import com.kingcdn.topology.IpPrefix;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SnapshotPublisherTest {

    private static final String YAML =
            """
            zones:
              - {name: kingcdn.example, file: zone, cdn: true}
            distributions:
              - {id: a1105, origins: [{url: "http://127.0.0.1:8600"}]}
            clusters:
              - id: fra
                place: {latitude: 50, longitude: 8}
                nodes: [{id: fra-1, ipv4: 192.0.2.1}, {id: fra-2, ipv4: 192.0.2.2}]
            """;

    private static final String ZONE = "@ 60 IN SOA ns1 h 1 2 3 4 60\n@ 60 IN NS ns1\nns1 60 IN A 127.0.0.1\n";
    private static final IpPrefix CLIENT = IpPrefix.parse("203.0.113.0/24");

    private final AtomicLong now = new AtomicLong(1_000);
    private final MemoryControlStore store = new MemoryControlStore();
    private final Registries registries = new Registries(store, Clock.systemUTC());
    private final ClusterHealth health = new ClusterHealth(List.of());
    private final LoadTracker loads = new LoadTracker();
    private final RttMap rtt = new RttMap();
    private final ZoneKeys keys = new ZoneKeys(DnssecSettings.DEFAULT, null, Clock.systemUTC());

    private SnapshotPublisher publisher = publisher(List.of());

    private SnapshotPublisher publisher(List<Path> geoFiles) {
        return new SnapshotPublisher(
                registries, new EdgeReports(health, loads, rtt), keys, new ZoneParser(), geoFiles, now::get);
    }

    private void take(String zone) {
        registries
                .config()
                .replaceFile(new ConfigFileReader(source -> {}).parse(Path.of("/cdn.yaml"), YAML, file -> zone));
    }

    @BeforeEach
    void open() {
        store.open(registries);
        take(ZONE);
    }

    @AfterEach
    void close() {
        publisher.close();
        keys.close();
    }

    private List<String> addresses(String name) {
        return publisher
                .get()
                .explain(name, CLIENT)
                .map(found -> found.addresses())
                .orElse(List.of());
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(10)).untilAsserted(assertion);
    }

    @Test
    void theFirstSnapshotIsThereWhenStartReturns() {
        assertThat(publisher.isPublished()).isFalse();
        publisher.start();

        assertThat(publisher.isPublished()).isTrue();
        assertThat(addresses("a1105.kingcdn.example")).containsExactlyInAnyOrder("192.0.2.1", "192.0.2.2");
    }

    @Test
    void aChangeOfConfigurationIsCompiled() {
        publisher.start();
        registries.config().putDistribution(Topologies.distribution("b2"));

        eventually(() -> assertThat(addresses("b2.kingcdn.example")).hasSize(2));
    }

    private void measuringMovesTheMap() {
        rtt.report(measured("fra", 90), now.get());
        rtt.report(measured("sin", 12), now.get());
        eventually(() -> assertThat(publisher
                        .get()
                        .explain("a1105.kingcdn.example", CLIENT)
                        .orElseThrow()
                        .decision()
                        .chosen())
                .isEqualTo("sin"));
    }

    @Test
    void whatIsMeasuredMovesTheMap() {
        registries.config().putCluster(Topologies.cluster("sin", 1));
        publisher.start();
        eventually(() -> assertThat(addresses("a1105.kingcdn.example")).contains("192.0.2.1"));
        measuringMovesTheMap();
    }

    @Test
    void theFirstSnapshotGoesByWhatIsMeasured_withoutRounds() {
        registries.config().putCluster(Topologies.cluster("sin", 1));
        List<RttReport.Measurement> slow = new ArrayList<>();
        List<RttReport.Measurement> fast = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            // no two share an answer
            IpPrefix clients = IpPrefix.of(new byte[] {(byte) i, 1, 1, 0}, 24);
            slow.add(new RttReport.Measurement(clients, 90, 1.0, 0.0, 20));
            fast.add(new RttReport.Measurement(clients, 12, 1.0, 0.0, 20));
        }
        rtt.report(new RttReport("fra-1", "fra", slow), now.get());
        rtt.report(new RttReport("sin-1", "sin", fast), now.get());
        publisher.start();

        assertThat(slow).allSatisfy(measured -> assertThat(
                        publisher.get().director().explain(measured.prefix()).chosen())
                .isEqualTo("sin"));
    }

    @Test
    void remappingRestsNineTimesAsLongAsItTook_butNotForAMachineThatStoodStill() {
        assertThat(SnapshotPublisher.restMillis(200)).isEqualTo(1_800);
        assertThat(SnapshotPublisher.restMillis(10_000)).isEqualTo(90_000);
        assertThat(SnapshotPublisher.restMillis(3_600_000))
                .as("a virtual machine that was paused for an hour")
                .isEqualTo(90_000);
    }

    @Test
    void aClusterThatIsFullShedsClients() {
        registries.config().putCluster(Topologies.cluster("sin", 1));
        publisher.start();
        Capacity capacity = new Capacity(100.0, null);
        eventually(() -> {
            now.addAndGet(1_000);
            loads.report(new LoadReport("fra-1", "fra", 10, 150e6, 1, capacity, null), now.get());
            loads.report(new LoadReport("sin-1", "sin", 10, 1e6, 1, capacity, null), now.get());
            assertThat(publisher.get().director().shedding().of("fra").own()).isGreaterThan(0.1);
        });
        double share = publisher.get().director().shedding().of("fra").own();
        registries.config().putDistribution(Topologies.distribution("b2"));
        eventually(() -> assertThat(addresses("b2.kingcdn.example")).isNotEmpty());
        assertThat(publisher.get().director().shedding().of("fra").own())
                .as("over a change of configuration")
                .isGreaterThanOrEqualTo(share);
    }

    @Test
    void aClusterWhoseLimitOfRequestsIsReachedShedsClientsToo() {
        String limited = YAML.replace(
                "    nodes: [{id: fra-1", "    capacity: {requestsPerSecond: 100}\n    nodes: [{id: fra-1");
        registries
                .config()
                .replaceFile(new ConfigFileReader(source -> {}).parse(Path.of("/cdn.yaml"), limited, file -> ZONE));
        registries.config().putCluster(Topologies.cluster("sin", 1));
        publisher.start();
        eventually(() -> {
            now.addAndGet(1_000);
            loads.report(new LoadReport("fra-1", "fra", 60, 1e6, 1), now.get());
            loads.report(new LoadReport("fra-2", "fra", 60, 1e6, 1), now.get());
            loads.report(new LoadReport("sin-1", "sin", 10, 1e6, 1), now.get());
            assertThat(publisher.get().director().shedding().of("fra").own()).isGreaterThan(0.1);
        });
        assertThat(publisher.get().director().shedding().of("sin").own()).isZero();
    }

    private static RttReport measured(String cluster, double rttMillis) {
        return new RttReport(
                cluster + "-1", cluster, List.of(new RttReport.Measurement(CLIENT, rttMillis, 1.0, 0.0, 20)));
    }

    @Test
    void aNodeThatSaysItIsNotReadyLeavesAndANodeThatIsDownIsRemembered() {
        publisher.start();
        health.report(new HealthReport("fra-1", "fra", false, 0, 0, null, null), now.get());

        eventually(() -> assertThat(addresses("a1105.kingcdn.example")).containsExactly("192.0.2.2"));
        eventually(() -> assertThat(registries.nodesDown()).containsExactly("fra-1"));
    }

    @Test
    void whenAllAreDownTheLastGoodAnswerStays() {
        publisher.start();
        health.reportsOpen(now.get());
        health.report(new HealthReport("fra-2", "fra", true, 0, 0, null, null), now.get());
        now.addAndGet(ClusterHealth.GRACE_MILLIS);
        health.report(new HealthReport("fra-2", "fra", true, 0, 0, null, null), now.get());
        eventually(() -> assertThat(addresses("a1105.kingcdn.example")).containsExactly("192.0.2.2"));
        // fra-1 was lost too long ago to have been lost together with fra-2; reported first, since the watch may look
        // in between
        long later = now.get() + 60_000;
        health.report(new HealthReport("fra-2", "fra", true, 0, 0, null, null), later);
        now.set(later);

        now.addAndGet(ClusterHealth.SILENCE_MILLIS + 1);
        eventually(() -> assertThat(registries.nodesDown()).containsExactly("fra-1", "fra-2"));
        assertThat(addresses("a1105.kingcdn.example")).containsExactly("192.0.2.2");
    }

    @Test
    void aConfigurationThatCannotBeCompiledLeavesTheSnapshotInUse() {
        publisher.start();
        List<String> before = addresses("a1105.kingcdn.example");
        assertThat(before).isNotEmpty();
        double failures = failures();
        take("no zone at all\n");

        eventually(() -> assertThat(failures()).isEqualTo(failures + 1));
        assertThat(addresses("a1105.kingcdn.example")).isEqualTo(before);
    }

    @Test
    void changesThatComeWhileOneIsCompiledAreCompiledTogether() throws Exception {
        CountDownLatch compiling = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicBoolean holding = new AtomicBoolean();
        publisher = new SnapshotPublisher(
                registries, new EdgeReports(health, loads, rtt), keys, new ZoneParser(), List.of(), () -> {
                    if (holding.get() && Thread.currentThread().getName().equals("snapshot-compiler")) {
                        compiling.countDown();
                        try {
                            go.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                    return now.get();
                });
        publisher.start();
        publisher.publishZones().get(10, TimeUnit.SECONDS);
        holding.set(true);
        CompletableFuture<Void> first = publisher.publishZones();
        assertThat(compiling.await(10, TimeUnit.SECONDS)).isTrue();

        Set<CompletableFuture<Void>> burst = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            burst.add(publisher.publishZones());
        }
        assertThat(burst).hasSize(1).doesNotContain(first).noneMatch(CompletableFuture::isDone);
        go.countDown();
        first.get(10, TimeUnit.SECONDS);
        burst.iterator().next().get(10, TimeUnit.SECONDS);
    }

    private void lose(String cluster, String node) {
        health.report(new HealthReport(node, cluster, false, 0, 0, null, null), now.get());
        eventually(() -> assertThat(registries.nodesDown()).contains(node));
    }

    /** On a core that answers take whole that can be minutes. */
    @Test
    void whatGoesDownWhileOneIsCompiledHasGoneDownThen(@TempDir Path directory) throws Exception {
        CountDownLatch compiling = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        InstantSource holding = () -> {
            if (Thread.currentThread().getName().equals("snapshot-compiler")) {
                compiling.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return Instant.now();
        };
        try (ZoneKeys held = new ZoneKeys(DnssecSettings.DEFAULT, directory, holding.withZone(ZoneOffset.UTC))) {
            publisher = new SnapshotPublisher(
                    registries, new EdgeReports(health, loads, rtt), held, new ZoneParser(), List.of(), now::get);
            registries.config().putCluster(Topologies.cluster("sin", 1));
            publisher.start();
            registries
                    .config()
                    .replaceFile(new ConfigFileReader(source -> {})
                            .parse(
                                    Path.of("/cdn.yaml"),
                                    YAML.replace("cdn: true", "cdn: true, dnssec: true"),
                                    file -> ZONE));
            assertThat(compiling.await(10, TimeUnit.SECONDS)).isTrue();
            lose("fra", "fra-1");
            lose("fra", "fra-2");
            now.addAndGet(300_000);
            go.countDown();
            publisher.publishZones().get(10, TimeUnit.SECONDS);
            lose("sin", "sin-1");

            assertThat(publisher.get().director().explain(CLIENT).chosen())
                    .as("the last that was up, by minutes")
                    .isEqualTo("sin");
        }
    }

    /** A thread without room on its stack or heap: whoever waits is told, and the timers of the thread go on. */
    @Test
    void wantOfMemoryLeavesNobodyWaitingAndEndsNoTimer() {
        AtomicBoolean failing = new AtomicBoolean();
        AtomicLong failed = new AtomicLong();
        publisher = new SnapshotPublisher(
                registries, new EdgeReports(health, loads, rtt), keys, new ZoneParser(), List.of(), () -> {
                    String thread = Thread.currentThread().getName();
                    if (failing.get() && (thread.equals("snapshot-compiler") || thread.equals("health-watch"))) {
                        failed.incrementAndGet();
                        throw new OutOfMemoryError("as thrown when the heap is full");
                    }
                    return now.get();
                });
        registries.config().putCluster(Topologies.cluster("sin", 1));
        publisher.start();
        failing.set(true);
        assertThat(publisher.publishZones())
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(OutOfMemoryError.class);
        eventually(
                () -> assertThat(failed.get()).as("the round of remapping too").isGreaterThan(30));
        failing.set(false);
        measuringMovesTheMap();
        health.report(new HealthReport("sin-1", "sin", false, 0, 0, null, null), now.get());
        eventually(() -> assertThat(registries.nodesDown()).contains("sin-1"));
    }

    @Test
    void saysWhenChangedZonesCannotBeServed() {
        publisher.start();
        take("no zone at all\n");

        assertThat(publisher.publishZones())
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableOfType(ExecutionException.class);
    }

    private static double failures() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_snapshot_failures_total");
    }

    @Test
    void doesNotStartWithAGeoDatabaseThatIsNotThere() {
        publisher = publisher(List.of(Path.of("/nonexistent/city.mmdb")));

        assertThatThrownBy(publisher::start).hasMessageContaining("/nonexistent/city.mmdb");
    }
}
