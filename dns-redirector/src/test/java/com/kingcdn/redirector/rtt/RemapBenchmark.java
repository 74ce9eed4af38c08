package com.kingcdn.redirector.rtt;

import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.redirector.routing.RoutingInputs;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rounds of remapping with measurements from all clusters to many random /24s: {@code RemapBenchmark [PREFIXES [CLUSTERS]]} prints the
 * time of each and the heap in use afterwards.
 */
public final class RemapBenchmark {

    private RemapBenchmark() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        int prefixes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        int number = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 200;
        Random random = new Random(1);
        List<Cluster> clusters = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            clusters.add(cluster("c" + i, random));
        }
        List<IpPrefix> measured = new ArrayList<>();
        for (int i = 0; i < prefixes; i++) {
            byte[] address = new byte[4];
            random.nextBytes(address);
            measured.add(IpPrefix.of(address, 24));
        }
        RttMap map = new RttMap();
        @Nullable TrafficDirector director = null;
        for (int round = 0; round < 4; round++) {
            long now = 1_000_000 + round * 60_000L;
            for (Cluster cluster : clusters) {
                report(map, cluster, measured, random, now);
            }
            long begin = System.nanoTime();
            director = TrafficDirector.compile(
                    new RoutingInputs(clusters, PlaceSource.NONE, map.view(now, true)), Set.of(), director);
            long millis = (System.nanoTime() - begin) / 1_000_000;
            System.gc();
            long heap =
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
            System.out.printf(
                    "%d prefixes x %d clusters: %d ms, %d MB of heap in use, %s%n",
                    prefixes, number, millis, heap >> 20, director.round());
        }
    }

    private static void report(RttMap map, Cluster cluster, List<IpPrefix> prefixes, Random random, long now) {
        for (int from = 0; from < prefixes.size(); from += 1000) {
            List<RttReport.Measurement> some = new ArrayList<>();
            for (IpPrefix prefix : prefixes.subList(from, Math.min(from + 1000, prefixes.size()))) {
                int distance = Math.floorMod(prefix.hashCode() - cluster.id().hashCode() * 37, 200);
                some.add(new RttReport.Measurement(prefix, 5 + distance + random.nextDouble(), 1.0, 0.0, 10));
            }
            map.report(new RttReport(cluster.id() + "-1", cluster.id(), some), now);
        }
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
