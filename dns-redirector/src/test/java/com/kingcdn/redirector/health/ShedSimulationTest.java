package com.kingcdn.redirector.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.LoadReport;
import com.kingcdn.redirector.registry.Topologies;
import com.kingcdn.redirector.routing.ClientRoute;
import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.redirector.routing.RoutingInputs;
import com.kingcdn.redirector.routing.ShedShare;
import com.kingcdn.redirector.routing.Shedding;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.topology.Capacity;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterKind;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import com.kingcdn.topology.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Minutes of a CDN whose clients ask again when their TTL of 20 s has passed and whose edges report every 5 s: 2,000 networks, all of
 * them nearest to the first cluster.
 */
class ShedSimulationTest {

    private static final int NETWORKS = 2_000;
    private static final int TTL = 20;
    private static final Duration ADDRESS_TTL = Duration.ofSeconds(TTL);

    private final List<Cluster> clusters = new ArrayList<>();
    private final LoadTracker loads = new LoadTracker();
    private final ShedController controller = new ShedController(loads);
    private final int[] servedBy = new int[NETWORKS];
    private final int[] moves = new int[NETWORKS];
    /** Each second's share of its own clients that the first cluster sends on. */
    private final List<Double> shares = new ArrayList<>();
    /** Each second's load, by cluster, in Mb/s. */
    private final List<double[]> seen = new ArrayList<>();

    private TrafficDirector director;
    private int second;

    ShedSimulationTest() {
        director = compile(1_000, 1_000, 1_000);
    }

    private TrafficDirector compile(double... megabits) {
        clusters.clear();
        for (int i = 0; i < megabits.length; i++) {
            clusters.add(cluster(i, megabits[i], List.of()));
        }
        return compile();
    }

    /** @param coverage an enter-deep cluster's; of a bring-home one there is none */
    private static Cluster cluster(int i, double megabits, List<IpPrefix> coverage) {
        return new Cluster(
                "c" + i,
                new GeoPoint(0, i),
                coverage.isEmpty() ? ClusterKind.BRING_HOME : ClusterKind.ENTER_DEEP,
                null,
                coverage,
                HealthMode.ASSUMED,
                false,
                List.of(new EdgeNode("n" + i, "192.0.2." + i, null, 0, 0)),
                null,
                new Capacity(megabits, null));
    }

    private TrafficDirector compile() {
        director =
                TrafficDirector.compile(new RoutingInputs(clusters, PlaceSource.NONE, PathSource.NONE), Set.of(), null);
        return director;
    }

    /** @param demand of all clients together at a second, in Mb/s */
    private void run(int seconds, DoubleUnaryOperator demand) {
        double[] sum = new double[clusters.size()];
        for (int end = second + seconds; second < end; second++) {
            for (int network = 0; network < NETWORKS; network++) {
                if (second == 0 || (second + network) % TTL == 0) {
                    resolve(network);
                }
            }
            double[] load = new double[clusters.size()];
            for (int cluster : servedBy) {
                load[cluster] += demand.applyAsDouble(second) / NETWORKS;
            }
            seen.add(load);
            for (int i = 0; i < load.length; i++) {
                sum[i] += load[i];
            }
            if (second % 5 == 4) {
                for (int i = 0; i < sum.length; i++) {
                    loads.report(new LoadReport("n" + i, "c" + i, 0, sum[i] / 5 * 1e6, 0), second * 1000L);
                }
                Arrays.fill(sum, 0);
            }
            director = director.withShedding(controller.round(clusters, List.of(), ADDRESS_TTL, second * 1000L));
            shares.add(director.shedding().of("c0").own());
        }
    }

    private void resolve(int network) {
        ClientRoute route = director.route(true, (long) network << 44, 0);
        ClusterChoice choice = route.choice(TrafficDirector.EVERYWHERE);
        assertThat(choice).isNotNull();
        if (second > 0 && choice.index() != servedBy[network]) {
            moves[network]++;
        }
        servedBy[network] = choice.index();
    }

    private double last(int cluster) {
        return seen.get(seen.size() - 1)[cluster];
    }

    private double most(int cluster) {
        return seen.stream().mapToDouble(load -> load[cluster]).max().orElseThrow();
    }

    private long reversals() {
        long count = 0;
        double direction = 0;
        for (int i = 1; i < shares.size(); i++) {
            double step = Math.signum(shares.get(i) - shares.get(i - 1));
            count += step != 0 && direction != 0 && step != direction ? 1 : 0;
            direction = step == 0 ? direction : step;
        }
        return count;
    }

    @Test
    void aClusterWithRoomKeepsAllItsClients() {
        run(300, t -> 800 + 40 * Math.sin(t));
        assertThat(moves).containsOnly(0);
        assertThat(shares).containsOnly(0.0);
    }

    @Test
    void anOverloadGoesOnStepByStepAndNotFartherThanItMust() {
        run(300, t -> 1_400);
        assertThat(last(0)).isBetween(700.0, 900.0);
        assertThat(shares.get(10)).as("gradually").isLessThan(0.25);
        assertThat(Arrays.stream(moves).max().orElseThrow())
                .as("nobody moves twice")
                .isEqualTo(1);
        assertThat(reversals()).isZero();
    }

    @Test
    void fiveMinutesOfAnOscillatingLoadMoveNobodyToAndFro() {
        run(300, t -> 1_000 + 400 * Math.sin(2 * Math.PI * t / 60));
        assertThat(Arrays.stream(moves).max().orElseThrow()).isEqualTo(1);
        assertThat(reversals()).isZero();
        double peak = seen.subList(240, 300).stream()
                .mapToDouble(load -> load[0])
                .max()
                .orElseThrow();
        assertThat(peak).as("once it has settled").isLessThan(1_000);
    }

    @Test
    void clientsComeBackOnceTheLoadStaysDown() {
        run(300, t -> 1_400);
        double shed = shares.get(shares.size() - 1);
        assertThat(shed).isPositive();
        run(30, t -> 500);
        assertThat(shares.get(shares.size() - 1)).as("not at once").isEqualTo(shed);
        run(600, t -> 500);
        assertThat(shares.get(shares.size() - 1)).isZero();
        assertThat(last(0)).isEqualTo(500, org.assertj.core.data.Offset.offset(1e-6));
        assertThat(reversals()).as("once up, once down").isEqualTo(1);
    }

    @Test
    void theNextClusterIsNeverFilledByGuests() {
        compile(1_000, 200, 1_000);
        run(300, t -> 1_600);
        assertThat(most(1)).as("a small neighbour").isLessThan(200);
        assertThat(most(2)).as("the rest goes past it").isBetween(300.0, 900.0);
        assertThat(last(0)).isBetween(700.0, 950.0);
        assertThat(director.shedding().of("c1").own()).as("no cascade").isZero();
    }

    @Test
    void whereAllAreFullEverybodyStaysAtHome() {
        compile(1_000, 100);
        run(300, t -> 3_000);
        assertThat(most(1)).isLessThan(100);
        assertThat(last(0)).isGreaterThan(2_800);
        assertThat(Arrays.stream(moves).max().orElseThrow()).isLessThanOrEqualTo(2);
    }

    @Test
    void aClusterWhoseClientsNoOtherMayTakeShedsNothing() {
        clusters.clear();
        clusters.add(cluster(0, 1_000, List.of()));
        clusters.add(cluster(1, 1_000, List.of(IpPrefix.parse("192.0.2.0/24"))));
        clusters.add(cluster(2, 1_000, List.of()).withDrained(true));
        compile();
        run(300, t -> 1_400);
        assertThat(shares).as("none is nobody's, one drained").containsOnly(0.0);
        assertThat(director.shedding().of("c1")).as("nothing can come to it").isEqualTo(ShedShare.NONE);
    }

    @Test
    void anEnterDeepClusterShedsToTheNextWiderCoverage() {
        clusters.clear();
        clusters.add(cluster(0, 1_000, List.of(IpPrefix.parse("0.0.0.0/1"), IpPrefix.parse("128.0.0.0/1"))));
        clusters.add(cluster(1, 1_000, List.of(IpPrefix.parse("0.0.0.0/0"))));
        clusters.add(cluster(2, 10, List.of()).withDrained(true));
        compile();
        run(300, t -> 1_400);
        assertThat(last(0)).isBetween(700.0, 900.0);
        assertThat(last(1)).isBetween(500.0, 700.0);
        assertThat(director.shedding().of("c1").own()).isZero();
    }

    @Test
    void withoutReportsASharePersists() {
        run(200, t -> 1_400);
        ShedShare before = director.shedding().of("c0");
        long silent = second * 1000L + 60_000;
        assertThat(before.own()).isPositive();
        for (int i = 0; i < 60; i++) {
            director = director.withShedding(controller.round(clusters, List.of(), ADDRESS_TTL, silent + i * 1000L));
        }
        assertThat(director.shedding().of("c0")).isEqualTo(before);
    }

    @Test
    void aDistributionAboveItsOwnLimitGoesOnAlone() {
        Distribution live = Topologies.distribution("live", new Placement(null, new Capacity(100.0, null)));
        Shedding shedding = Shedding.NONE;
        for (int now = 0; now < 20_000; now += 1_000) {
            for (int i = 0; i < 2; i++) {
                double bits = i == 0 ? 150e6 : 0;
                loads.report(
                        new LoadReport(
                                "n" + i,
                                "c" + i,
                                0,
                                2 * bits,
                                0,
                                null,
                                List.of(new LoadReport.OfDistribution("live", 0, bits))),
                        now);
            }
            shedding = controller.round(clusters, List.of(live), ADDRESS_TTL, now);
        }
        assertThat(shedding.of("c0")).as("of all, there is room").isEqualTo(ShedShare.NONE);
        assertThat(shedding.of("c0", "live").own()).isBetween(0.2, 0.4);
        assertThat(shedding.of("c1", "live").own()).isZero();
    }

    @Test
    void clustersWithoutAKnownCapacityNeverShed() {
        Map<String, ShedShare> shares = new ShedBalance()
                .round(
                        Map.of("c0", new ShedBalance.Reading(new ClusterLoad(1e9, 1e9), ClusterLoad.ENDLESS)),
                        SpillPaths.of(clusters),
                        new ShedLoop.Tick(1, 25));
        assertThat(shares).containsOnly(Map.entry("c0", ShedShare.NONE));
    }
}
