package com.kingcdn.redirector.rtt;

import com.kingcdn.control.ControlJson;
import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.redirector.routing.RoutingInputs;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * Rounds of remapping with measurements from all clusters to many random /24s: {@code RemapBenchmark [PREFIXES [CLUSTERS [ROUNDS]]]} prints of
 * each its time, what it allocates, the pauses in it, and the heap in use afterwards. Meanwhile each cluster reports
 * {@value #MEASUREMENTS} measurements every second.
 */
public final class RemapBenchmark {

    private static final int MEASUREMENTS = 50;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final JsonMapper JSON = ControlJson.mapper();
    private static final ObjectReader READER = ControlJson.reports().forType(RttReport.class);

    private final RttMap map = new RttMap();
    private final Random random = new Random(1);
    private final List<Cluster> clusters = new ArrayList<>();
    private final List<IpPrefix> measured = new ArrayList<>();
    /** Milliseconds of each since the last round. */
    private final List<Long> pauses = new CopyOnWriteArrayList<>();

    private RemapBenchmark(int prefixes, int number) {
        for (int i = 0; i < number; i++) {
            clusters.add(cluster("c" + i, random));
        }
        for (int i = 0; i < prefixes; i++) {
            byte[] address = new byte[4];
            random.nextBytes(address);
            measured.add(IpPrefix.of(address, 24));
        }
    }

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        int prefixes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        int number = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 200;
        new RemapBenchmark(prefixes, number).run(arguments.length > 2 ? Integer.parseInt(arguments[2]) : 4);
    }

    private void run(int rounds) throws InterruptedException {
        listen();
        @Nullable TrafficDirector director = null;
        for (int round = 0; round < rounds; round++) {
            long now = 1_000_000 + round * 60_000L;
            for (Cluster cluster : clusters) {
                report(cluster, now);
            }
            System.gc();
            // what was told of pauses so far
            Thread.sleep(1000);
            pauses.clear();
            AtomicBoolean done = new AtomicBoolean();
            Thread reporter = new Thread(() -> reports(now, done), "reports");
            reporter.start();
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            long cpu = THREADS.getCurrentThreadCpuTime();
            long begin = System.nanoTime();
            director = TrafficDirector.compile(
                    new RoutingInputs(clusters, PlaceSource.NONE, map.view(now, true)), Set.of(), director);
            long millis = (System.nanoTime() - begin) / 1_000_000;
            cpu = (THREADS.getCurrentThreadCpuTime() - cpu) / 1_000_000;
            allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
            done.set(true);
            reporter.join();
            Thread.sleep(200);
            String pauses = this.pauses.toString();
            System.gc();
            long heap =
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
            System.out.printf(
                    "%d prefixes x %d clusters: %d ms (%d of CPU), %.1f MB allocated, pauses of %s ms, %d MB of heap in use, %s%n",
                    measured.size(),
                    clusters.size(),
                    millis,
                    cpu,
                    allocated / 1e6,
                    pauses,
                    heap >> 20,
                    director.round());
        }
    }

    private void listen() {
        ManagementFactory.getGarbageCollectorMXBeans().forEach(collector -> ((NotificationEmitter) collector)
                .addNotificationListener(
                        (notification, handback) -> pauses.add(
                                GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData())
                                        .getGcInfo()
                                        .getDuration()),
                        null,
                        null));
    }

    /** What edges send each second, until it is enough. */
    private void reports(long now, AtomicBoolean done) {
        Random which = new Random(now);
        List<byte[]> bodies = new ArrayList<>();
        for (Cluster cluster : clusters) {
            List<RttReport.Measurement> some = new ArrayList<>();
            for (int i = 0; i < MEASUREMENTS; i++) {
                some.add(measurement(cluster, measured.get(which.nextInt(measured.size())), which));
            }
            bodies.add(JSON.writeValueAsBytes(new RttReport(cluster.id() + "-1", cluster.id(), some)));
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        int reports = 0;
        for (; !done.get(); reports++) {
            map.report(READER.readValue(bodies.get(reports % bodies.size())), now);
            LockSupport.parkNanos(1_000_000_000L / clusters.size());
        }
        System.out.printf(
                "%d reports of %d measurements, %.1f KB allocated for each; ",
                reports,
                MEASUREMENTS,
                (THREADS.getCurrentThreadAllocatedBytes() - allocated) / 1e3 / Math.max(1, reports));
    }

    private void report(Cluster cluster, long now) {
        for (int from = 0; from < measured.size(); from += 1000) {
            List<RttReport.Measurement> some = new ArrayList<>();
            for (IpPrefix prefix : measured.subList(from, Math.min(from + 1000, measured.size()))) {
                some.add(measurement(cluster, prefix, random));
            }
            map.report(new RttReport(cluster.id() + "-1", cluster.id(), some), now);
        }
    }

    private static RttReport.Measurement measurement(Cluster cluster, IpPrefix prefix, Random random) {
        // an order of its own for each prefix
        double distance =
                new SplittableRandom(31L * prefix.hashCode() + cluster.id().hashCode()).nextDouble(200);
        return new RttReport.Measurement(prefix, 5 + distance + random.nextDouble(), 1.0, 0.0, 10);
    }

    private static Cluster cluster(String id, Random random) {
        return new Cluster(
                id,
                new GeoPoint(random.nextDouble() * 140 - 70, random.nextDouble() * 360 - 180),
                null,
                null,
                null,
                HealthMode.ASSUMED,
                false,
                List.of(new EdgeNode(id + "-1", "127.0.0.1", null, 0, 0)));
    }
}
