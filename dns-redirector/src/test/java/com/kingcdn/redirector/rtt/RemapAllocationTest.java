package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.redirector.routing.RoutingInputs;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How much garbage a round of remapping makes, since collecting it keeps queries waiting. */
class RemapAllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int PREFIXES = 20_000;

    /** Arrays that are not moved come to some 500 bytes for a prefix, short-lived objects to as many; it was 5,000 more with an object for each node. */
    @Test
    void aRoundAllocatesLessThanTwoKilobytesForEachPrefix() {
        Random random = new Random(1);
        List<Cluster> clusters = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clusters.add(cluster("c" + i, random));
        }
        List<IpPrefix> prefixes = new ArrayList<>();
        for (int i = 0; i < PREFIXES; i++) {
            byte[] address = new byte[4];
            random.nextBytes(address);
            prefixes.add(IpPrefix.of(address, 24));
        }
        RttMap map = new RttMap();
        report(map, clusters, prefixes, random, 0);
        TrafficDirector director = TrafficDirector.compile(inputs(clusters, map, 0), Set.of(), null);

        report(map, clusters, prefixes, random, 60_000);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        TrafficDirector next = TrafficDirector.compile(inputs(clusters, map, 60_000), Set.of(), director);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

        assertThat(next.round().prefixes()).isGreaterThanOrEqualTo(PREFIXES - 100);
        assertThat(allocated / PREFIXES).as("bytes for a prefix").isLessThan(2_000);
    }

    private static RoutingInputs inputs(List<Cluster> clusters, RttMap map, long now) {
        return new RoutingInputs(clusters, PlaceSource.NONE, map.view(now, true));
    }

    private static void report(RttMap map, List<Cluster> clusters, List<IpPrefix> prefixes, Random random, long now) {
        for (Cluster cluster : clusters) {
            List<RttReport.Measurement> all = new ArrayList<>();
            for (IpPrefix prefix : prefixes) {
                int distance = Math.floorMod(prefix.hashCode() - cluster.id().hashCode() * 37, 200);
                all.add(new RttReport.Measurement(prefix, 5 + distance + random.nextDouble(), 1.0, 0.0, 10));
            }
            map.report(new RttReport(cluster.id() + "-1", cluster.id(), all), now);
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
