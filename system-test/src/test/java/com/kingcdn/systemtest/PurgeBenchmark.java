package com.kingcdn.systemtest;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.kingcdn.control.BearerToken;
import com.kingcdn.control.client.ControlPlaneClient;
import com.kingcdn.edge.agent.EdgeIdentity;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;
import reactor.netty.resources.LoopResources;

/**
 * How long purges take from the call of the control API to the last of many edges, at a steady rate: one redirector process, and the
 * edges' agents in this one.
 *
 * <p>{@code PurgeBenchmark [edges] [purges per second] [seconds]}, 50, 1000 and 10 when left out; needs the redirector's jar.
 */
final class PurgeBenchmark implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(60);
    private static final int CLUSTERS = 5;
    private static final int CONNECTIONS = 64;
    private static final int ACCEPTED = 202;
    private static final int WARM_UP_SECONDS = 10;

    /** A purge on its way. */
    private static final class Sent {
        private final long sentAt;
        private final AtomicInteger missing;
        private volatile long answeredAt;
        private volatile long appliedAt;

        private Sent(long sentAt, int edges) {
            this.sentAt = sentAt;
            this.missing = new AtomicInteger(edges);
        }

        private void applied() {
            if (missing.decrementAndGet() == 0) {
                appliedAt = System.nanoTime();
            }
        }
    }

    /** In memory where there is such a place: real edges do not share one disk, nor theirs with the redirector. */
    private static final Path EDGE_STATES = Path.of("/dev/shm");

    private final Path directory = Files.createTempDirectory("purge-benchmark");
    private final Path edgeStates =
            Files.isWritable(EDGE_STATES) ? Files.createTempDirectory(EDGE_STATES, "purge-benchmark") : directory;
    private final LoneRedirector redirector;
    private final List<LightEdge> edges = new ArrayList<>();

    /** Of all edges' connections: what fifty loops would cost to wake is no part of the matter. */
    private final LoopResources loop = LoopResources.create("edges", 1, true);

    private final ConcurrentHashMap<String, Sent> purges = new ConcurrentHashMap<>();
    private final AtomicInteger refused = new AtomicInteger();

    PurgeBenchmark(int edgeCount) throws IOException {
        redirector = new LoneRedirector(
                directory,
                clusters(edgeCount),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        // as the launcher starts it
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-jar",
                        ServiceJar.packed("dns-redirector").toString()));
    }

    private static String clusters(int edgeCount) {
        StringBuilder yaml = new StringBuilder();
        for (int cluster = 0; cluster < CLUSTERS; cluster++) {
            yaml.append("  - id: c%d\n    place: {latitude: %d, longitude: 8}\n    nodes:\n"
                    .formatted(cluster, 10 * cluster));
            for (int node = cluster; node < edgeCount; node += CLUSTERS) {
                yaml.append("      - {id: e%d, ipv4: 127.1.%d.%d}\n".formatted(node, cluster, node / CLUSTERS + 1));
            }
        }
        return yaml.toString();
    }

    private void start(int edgeCount) throws Exception {
        redirector.start();
        redirector.awaitReady();
        BearerToken token = BearerToken.read(redirector.edgeToken());
        for (int i = 0; i < edgeCount; i++) {
            edges.add(new LightEdge(
                    new EdgeIdentity("e" + i, "c" + i % CLUSTERS),
                    new ControlPlaneClient(List.of(redirector.api()), token, loop),
                    edgeStates.resolve("state-" + i),
                    this::applied));
        }
        edges.forEach(LightEdge::start);
        awaitTrue("the edges", () -> edges.stream().allMatch(LightEdge::isReady));
    }

    private void applied(String name) {
        Sent sent = purges.get(name);
        if (sent != null) {
            sent.applied();
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void awaitTrue(String what, Condition condition) throws Exception {
        long deadline = System.nanoTime() + START.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(what + " took longer than " + START.toSeconds() + " s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /** Sends at the rate, whatever comes of it, and waits until every edge has everything. */
    private List<Sent> run(PurgeClient client, int perSecond, int seconds, String round) throws Exception {
        List<Sent> all = new ArrayList<>();
        long begin = System.nanoTime();
        for (int i = 0; i < perSecond * seconds; i++) {
            long due = begin + i * 1_000_000_000L / perSecond;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            String name = round + i;
            Sent sent = new Sent(System.nanoTime(), edges.size());
            all.add(sent);
            purges.put("/" + name, sent);
            purges.put(name, sent);
            client.post(body(i, name), status -> {
                sent.answeredAt = System.nanoTime();
                if (status != ACCEPTED) {
                    refused.incrementAndGet();
                }
            });
        }
        awaitTrue(
                "the last purge",
                () -> all.stream().filter(sent -> sent.appliedAt == 0).count() <= refused.get());
        return all;
    }

    private static String body(int i, String name) {
        return switch (i % 4) {
            case 0 -> "{\"urls\":[\"http://video.netcinema.example/" + name + "\"]}";
            case 1 -> "{\"prefixes\":[\"http://video.netcinema.example/" + name + "/\"]}";
            case 2 -> "{\"tags\":[\"" + name + "\"]}";
            default -> "{\"tags\":[\"" + name + "\"],\"distributions\":[\"a1105\"],\"mode\":\"soft\"}";
        };
    }

    private static String quantiles(List<Sent> sent, ToLongFunction<Sent> until) {
        long[] millis = sent.stream()
                .filter(each -> until.applyAsLong(each) != 0)
                .mapToLong(each -> TimeUnit.NANOSECONDS.toMillis(until.applyAsLong(each) - each.sentAt))
                .sorted()
                .toArray();
        return "p50 %d ms, p99 %d ms, longest %d ms"
                .formatted(millis[millis.length / 2], millis[millis.length * 99 / 100], millis[millis.length - 1]);
    }

    @Override
    public void close() throws IOException {
        edges.parallelStream().forEach(LightEdge::close);
        redirector.close();
        loop.dispose();
        FileSystemUtils.deleteRecursively(directory);
        FileSystemUtils.deleteRecursively(edgeStates);
    }

    private void measure(PurgeClient client, int perSecond, int seconds) throws Exception {
        Duration redirectorBefore = redirector.process().cpu();
        Duration ownBefore = ownCpu();
        List<Sent> sent = run(client, perSecond, seconds, "p-");
        Duration redirectorCpu = redirector.process().cpu().minus(redirectorBefore);
        Duration ownCpu = ownCpu().minus(ownBefore);
        long last = sent.stream().mapToLong(each -> each.appliedAt).max().orElseThrow();
        System.out.printf(
                "%d edges, %d purges in %.1f s (%d a second asked for), %d refused%n",
                edges.size(), sent.size(), (last - sent.get(0).sentAt) / 1e9, perSecond, refused.get());
        System.out.println("answer of the API:         " + quantiles(sent, each -> each.answeredAt));
        System.out.println("applied at the last edge:  " + quantiles(sent, each -> each.appliedAt));
        System.out.printf(
                "CPU for one purge:         redirector %d us; client and edges %d us, %.1f us for each edge%n",
                redirectorCpu.toNanos() / 1000 / sent.size(),
                ownCpu.toNanos() / 1000 / sent.size(),
                ownCpu.toNanos() / 1000.0 / sent.size() / edges.size());
        System.out.printf(
                "load average: %.1f%n",
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static Duration ownCpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    public static void main(String[] arguments) throws Exception {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
        int[] numbers = {50, 1000, 10};
        for (int i = 0; i < arguments.length; i++) {
            numbers[i] = Integer.parseInt(arguments[i]);
        }
        try (PurgeBenchmark benchmark = new PurgeBenchmark(numbers[0])) {
            benchmark.start(numbers[0]);
            try (PurgeClient client = new PurgeClient(benchmark.redirector.api(), LoneRedirector.ADMIN, CONNECTIONS)) {
                benchmark.run(client, Math.max(1, numbers[1] / 4), 5, "warm-");
                benchmark.run(client, numbers[1], WARM_UP_SECONDS, "hot-");
                System.out.println("warm; measuring now");
                benchmark.measure(client, numbers[1], numbers[2]);
            }
        }
        System.exit(0);
    }
}
