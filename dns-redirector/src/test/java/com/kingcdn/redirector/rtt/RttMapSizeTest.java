package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.redirector.transfer.CopySettings;
import com.kingcdn.topology.IpPrefix;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What 100,000 prefixes times 200 clusters come to: 20 million times what one path takes. */
class RttMapSizeTest {

    private static final int CLUSTERS = 200;
    private static final int PREFIXES = 500;
    private static final long NOW = 1_000_000;

    private final RttMap map = new RttMap();

    private void measure(int clusters) {
        measure(map, clusters);
    }

    private static void measure(RttMap map, int clusters) {
        for (int cluster = 0; cluster < clusters; cluster++) {
            List<Measurement> measurements = new ArrayList<>();
            for (int i = 0; i < PREFIXES; i++) {
                // some lie in one /16
                IpPrefix prefix = IpPrefix.of(new byte[] {10, (byte) (i % 200), (byte) i, 0}, 24);
                measurements.add(new Measurement(prefix, 5 + (cluster * 7 + i) % 90, 1.0, 0.0, 10));
            }
            map.report(new RttReport("c" + cluster + "-1", "c" + cluster, measurements), NOW);
        }
    }

    @Test
    void aPathTakesSixteenBytesAndAnEighthForThoseToCome() {
        measure(CLUSTERS);
        assertThat(map.bytes()).isBetween(16L * PREFIXES * CLUSTERS, 18L * PREFIXES * CLUSTERS);
    }

    @Test
    void whatIsForgottenGivesItsRoomBack() {
        measure(CLUSTERS);
        long later = NOW + 8 * RttMap.HALF_LIFE.toMillis();
        map.report(
                new RttReport("c0-1", "c0", List.of(new Measurement(IpPrefix.parse("10.0.0.0/24"), 9, 1.0, 0.0, 10))),
                later);
        map.view(later, false);
        assertThat(map.size()).isEqualTo(1);
        assertThat(map.bytes()).isLessThanOrEqualTo(2 * 16);
        measure(1);
        assertThat(map.size()).as("known again").isEqualTo(PREFIXES);
        assertThat(map.bytes()).isBetween(16L * PREFIXES, 17L * PREFIXES);
    }

    /** Prefixes times clusters, whichever of both is many. */
    @Test
    void takesNoMoreMemoryThanItMay() {
        long most = 1 << 20;
        RttMap bounded = new RttMap(RttMap.HALF_LIFE, most);
        measure(bounded, 1000);
        assertThat(bounded.taken()).isBetween(most * 9 / 10, most);
        assertThat(bounded.bytes()).isLessThan(most);
        assertThat(bounded.refused()).isPositive();

        long refused = bounded.refused();
        measure(bounded, 1);
        assertThat(bounded.refused()).as("what is known is refreshed").isEqualTo(refused);

        IpPrefix other = IpPrefix.parse("198.51.100.0/24");
        RttReport news = new RttReport("c0-1", "c0", List.of(new Measurement(other, 9, 1.0, 0.0, 10)));
        long later = NOW + 8 * RttMap.HALF_LIFE.toMillis();
        bounded.view(later, false);
        assertThat(bounded.taken()).as("all is forgotten").isZero();
        bounded.report(news, later);
        assertThat(bounded.find("c0", other, later)).isNotNull();
        assertThat(bounded.taken()).isBetween(16L, 1000L);
    }

    /** A CDN has more client networks than the map has room for; the resolvers are those that answers are made for. */
    @Test
    void clientsLeaveRoomForProbes() {
        RttMap bounded = new RttMap(RttMap.HALF_LIFE, 1 << 16);
        for (int i = 0; bounded.refused() == 0; i++) {
            IpPrefix clients = IpPrefix.of(new byte[] {10, (byte) (i >> 8), (byte) i, 0}, 24);
            Measurement passive = new Measurement(clients, 40, 1.0, 0.0, 10, RttMethod.PASSIVE, 0);
            bounded.report(new RttReport("c0-1", "c0", List.of(passive)), NOW);
        }
        assertThat(bounded.size()).isGreaterThan(50);

        IpPrefix resolver = IpPrefix.parse("198.51.100.0/24");
        bounded.report(new RttReport("c0-1", "c0", List.of(new Measurement(resolver, 9, 1.0, 0.0, 10))), NOW);
        assertThat(bounded.find("c0", resolver, NOW)).isNotNull();
    }

    /** The chart's heap, and what it is said to be enough for. */
    @Test
    void aHeapOf680MebibytesHasRoomForAHundredThousandPrefixesTimesTwoHundredClusters() {
        measure(CLUSTERS);
        assertThat(map.taken() / PREFIXES * 100_000).isLessThan(RttMap.partOf(680L << 20));
    }

    /** One redirector may have both, and not only them. */
    @Test
    void whatIsMeasuredAndCopiesOfZonesLeaveRoomByDefault() {
        long heap = Runtime.getRuntime().maxMemory();
        assertThat(RttMap.defaultMemory() + CopySettings.defaultMemory()).isLessThanOrEqualTo(heap / 16 * 14);
    }

    /** So that the bound is one of the heap: what the map says that it takes is near what it does take. */
    @Test
    void knowsWhatItTakes() {
        int prefixes = 20_000;
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<RttReport> reports = new ArrayList<>();
        for (int i = 0; i < prefixes; i++) {
            IpPrefix prefix = IpPrefix.of(new byte[] {10, (byte) (i >> 8), (byte) i, 0}, 24);
            reports.add(new RttReport("c0-1", "c0", List.of(new Measurement(prefix, 9, 1.0, 0.0, 10))));
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        reports.forEach(report -> map.report(report, NOW));
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(map.taken()).isBetween(allocated / 4, allocated * 2);
    }

    @Test
    void aWalkMakesNoObjectForAPath() {
        measure(CLUSTERS);
        List<String> clusters =
                IntStream.range(0, CLUSTERS).mapToObj(number -> "c" + number).toList();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        AtomicInteger known = new AtomicInteger();
        walk(clusters, new AtomicInteger());
        long before = threads.getCurrentThreadAllocatedBytes();
        walk(clusters, known);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(known.get()).isGreaterThan(PREFIXES * CLUSTERS);
        assertThat(allocated).as("bytes allocated for %d paths", known.get()).isLessThan(3L * known.get());
    }

    private void walk(List<String> clusters, AtomicInteger known) {
        map.view(NOW, true).forEach(clusters, (prefix, paths) -> {
            for (int i = 0; i < paths.size(); i++) {
                known.addAndGet(paths.has(i) ? 1 : 0);
            }
        });
    }
}
