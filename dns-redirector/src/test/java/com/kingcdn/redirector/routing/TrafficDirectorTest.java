package com.kingcdn.redirector.routing;

import static com.kingcdn.redirector.routing.ThreeClusters.ALL_UP;
import static com.kingcdn.redirector.routing.ThreeClusters.FRA;
import static com.kingcdn.redirector.routing.ThreeClusters.NYC;
import static com.kingcdn.redirector.routing.ThreeClusters.SIN;
import static com.kingcdn.redirector.routing.ThreeClusters.covering;
import static com.kingcdn.redirector.routing.ThreeClusters.nodes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.kingcdn.redirector.registry.Topologies;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterKind;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import com.kingcdn.topology.Placement;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrafficDirectorTest {

    private final FixedPlaces places = new FixedPlaces()
            .with("8.8.8.0/24", new GeoPoint(37.4, -122.1))
            .with("193.0.0.0/21", new GeoPoint(52.4, 4.9))
            .with("2001:db8:3::/48", new GeoPoint(1.3, 103.8));

    @Test
    void sendsAClientToTheNearestCluster() {
        TrafficDirector director = compile(List.of(NYC, FRA, SIN), ALL_UP);
        assertThat(chosen(director, "8.8.8.8")).isEqualTo("nyc GEOGRAPHY");
        assertThat(chosen(director, "193.0.6.139")).isEqualTo("fra GEOGRAPHY");
        assertThat(chosen(director, "2001:db8:3::1")).isEqualTo("sin GEOGRAPHY");
    }

    @Test
    void fallsToTheNextNearestWhenAClusterIsDown() {
        TrafficDirector director = compile(List.of(NYC, FRA, SIN), ALL_UP).withHealth(Set.of("nyc-1", "sin-2"), 0);
        assertThat(chosen(director, "193.0.6.139")).isEqualTo("nyc GEOGRAPHY");
        assertThat(director.withHealth(ALL_UP, 0)
                        .explain(IpPrefix.parse("193.0.6.139"))
                        .chosen())
                .isEqualTo("fra");
    }

    @Test
    void usesTheConfiguredOrderForUnknownAddresses() {
        TrafficDirector director = compile(List.of(SIN, NYC, FRA), ALL_UP);
        RoutingDecision decision = director.explain(IpPrefix.parse("100.64.0.1"));
        assertThat(decision.chosen()).isEqualTo("sin");
        assertThat(decision.reason()).isEqualTo(ChoiceReason.DEFAULT_ORDER);
        assertThat(decision.placeSource()).isEqualTo(LocationSource.NONE);
        assertThat(decision.scope()).isPositive();
    }

    @Test
    void answersWithoutAnyPlaceAndStillWithAScope() {
        TrafficDirector director = TrafficDirector.compile(
                new RoutingInputs(List.of(NYC, FRA), PlaceSource.NONE, PathSource.NONE), ALL_UP, null);
        assertThat(chosen(director, "8.8.8.8")).isEqualTo("nyc DEFAULT_ORDER");
        assertThat(director.explain(IpPrefix.parse("8.8.8.8")).scope()).isEqualTo(1);
    }

    @Test
    void servesCoverageFirstAndTheLongestPrefixWins() {
        Cluster wide = covering("isp", 50.0, 8.0, "193.0.0.0/16");
        Cluster narrow = new Cluster(
                "lab",
                new GeoPoint(48, 9),
                ClusterKind.ENTER_DEEP,
                null,
                List.of(IpPrefix.parse("193.0.6.0/24")),
                null,
                false,
                nodes("lab"));
        TrafficDirector director = compile(List.of(NYC, FRA, wide, narrow), Set.of("nyc-1", "fra-1", "isp-1", "lab-1"));
        assertThat(chosen(director, "193.0.6.139")).isEqualTo("lab COVERAGE");
        assertThat(chosen(director, "193.0.1.1")).isEqualTo("isp COVERAGE");
        assertThat(director.explain(IpPrefix.parse("193.0.6.0/24")).scope()).isEqualTo(24);
        assertThat(director.explain(IpPrefix.parse("193.0.6.139")).candidates())
                .extracting(RoutingDecision.Candidate::cluster)
                .containsExactly("lab", "isp", "fra", "nyc");
    }

    @Test
    void keepsAnEnterDeepClusterForItsCoverage() {
        Cluster isp = covering("isp", 50.1, 8.7, "192.0.2.0/24");
        TrafficDirector director = compile(List.of(isp, NYC, FRA, SIN), ALL_UP);
        assertThat(chosen(director, "192.0.2.7")).isEqualTo("isp COVERAGE");
        assertThat(chosen(director, "193.0.6.139")).isEqualTo("fra GEOGRAPHY");
        assertThat(chosen(director, "100.64.0.1")).isEqualTo("nyc DEFAULT_ORDER");
    }

    @Test
    void takesAClientToStandAtItsCoveringClusterWhenThatIsDown() {
        Cluster isp = covering("isp", 1.0, 104.0, "192.0.2.0/24");
        TrafficDirector director = compile(List.of(isp, NYC, FRA, SIN), Set.of("nyc-1", "fra-1", "sin-1"));
        assertThat(chosen(director, "192.0.2.7")).isEqualTo("sin GEOGRAPHY");
        assertThat(director.explain(IpPrefix.parse("192.0.2.7")).placeSource()).isEqualTo(LocationSource.COVERAGE);
    }

    @Test
    void leavesOutDrainedAndParentClusters() {
        Cluster parent = new Cluster(
                "shield",
                new GeoPoint(52.4, 4.9),
                null,
                ClusterRole.PARENT,
                null,
                HealthMode.ASSUMED,
                false,
                nodes("shield"));
        TrafficDirector director = compile(List.of(parent, NYC, FRA.withDrained(true), SIN), ALL_UP);
        assertThat(chosen(director, "193.0.6.139")).isEqualTo("nyc GEOGRAPHY");
        assertThat(director.explain(IpPrefix.parse("193.0.6.139")).candidates())
                .extracting(RoutingDecision.Candidate::cluster)
                .containsExactly("fra", "nyc", "sin");
    }

    @Test
    void namesOnlyNodesThatAreUp() {
        TrafficDirector director = compile(List.of(NYC, FRA), Set.of("fra-2"));
        assertThat(director.explain(IpPrefix.parse("193.0.6.139")).nodes())
                .extracting(EdgeNode::id)
                .containsExactly("fra-2");
    }

    @Test
    void keepsTheClusterObjectWhileNothingAboutItChanges() {
        TrafficDirector before = compile(List.of(NYC, FRA), Set.of("nyc-1", "fra-1"));
        TrafficDirector after = before.withHealth(Set.of("nyc-1", "fra-1", "fra-2"), 0);
        assertThat(after.clusters().get(0)).isSameAs(before.clusters().get(0));
        assertThat(after.clusters().get(1)).isNotSameAs(before.clusters().get(1));
    }

    @Test
    void chooseNothingOnlyWhenThereIsNoCluster() {
        TrafficDirector director = compile(List.of(), Set.of());
        RoutingDecision decision = director.explain(IpPrefix.parse("193.0.6.139"));
        assertThat(decision.chosen()).isNull();
        assertThat(decision.candidates()).isEmpty();
    }

    @Test
    void stillServesStrangersWhenAllClustersAreEnterDeep() {
        TrafficDirector director = compile(List.of(covering("isp", 50, 8, "192.0.2.0/24")), ALL_UP);
        assertThat(chosen(director, "8.8.8.8")).isEqualTo("isp GEOGRAPHY");
    }

    /** As where it is placed on a cluster that is not for strangers, and they ask all the same. */
    @Test
    void aQueryForADistributionThatIsPlacedElsewhereMakesNoGarbage() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Cluster isp = covering("isp", 50.1, 8.7, "192.0.2.0/24");
        TrafficDirector director = TrafficDirector.compile(
                new RoutingInputs(List.of(isp, NYC, FRA, SIN), List.of(placed("deep", "isp")), places, PathSource.NONE),
                ALL_UP,
                null);
        long high = IpPrefix.parse("193.0.6.139").high();
        long leaf = director.leaf(true, high, 0);
        int placement = director.placement("deep");
        int tries = 1_000;
        int placed = 0;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < tries; i++) {
            ClusterChoice choice = director.choice(leaf, true, high, placement);
            placed += choice != null && choice.reason() == ChoiceReason.PLACEMENT ? 1 : 0;
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(placed).isEqualTo(tries);
        assertThat(allocated / tries).as("bytes for one").isLessThan(50);
    }

    @Test
    void aDistributionIsAnsweredFromWhereItIsPlaced() {
        Cluster isp = covering("isp", 50.1, 8.7, "192.0.2.0/24");
        Distribution placed = placed("far", "nyc", "sin");
        Distribution deep = placed("deep", "isp");
        TrafficDirector director = TrafficDirector.compile(
                new RoutingInputs(List.of(isp, NYC, FRA, SIN), List.of(placed, deep), places, PathSource.NONE),
                ALL_UP,
                null);
        IpPrefix client = IpPrefix.parse("193.0.6.139");
        assertThat(chosen(director.explain(client))).isEqualTo("fra GEOGRAPHY");
        assertThat(chosen(director.explain(client, "far"))).isEqualTo("nyc PLACEMENT");
        assertThat(chosen(director.explain(client, "deep")))
                .as("rather a cluster that is not for this client than none")
                .isEqualTo("isp PLACEMENT");
        assertThat(chosen(director.withHealth(Set.of("fra-1"), 0).explain(client, "far")))
                .isEqualTo("nyc LAST_KNOWN_GOOD");
        assertThat(director.explain(client, "far").candidates())
                .filteredOn(candidate -> !candidate.standing().placed())
                .extracting(RoutingDecision.Candidate::cluster)
                .containsExactly("fra");
    }

    @Test
    void coverageOfBothFamiliesGoesToTheNextOneUpWhenItsClusterIsFullOrDown() {
        Cluster wide = covering("isp", 50.0, 8.0, "193.0.0.0/16", "2001:db8::/32");
        Cluster narrow = covering("lab", 48, 9, "193.0.6.0/24", "2001:db8:6::/48");
        TrafficDirector director = compile(List.of(NYC, FRA, wide, narrow), Set.of("nyc-1", "fra-1", "isp-1", "lab-1"));
        for (String client : List.of("193.0.6.139", "2001:db8:6::1")) {
            IpPrefix address = IpPrefix.parse(client);
            assertThat(chosen(director.explain(address))).isEqualTo("lab COVERAGE");
            assertThat(chosen(director.withHealth(Set.of("nyc-1", "fra-1", "isp-1"), 0)
                            .explain(address)))
                    .as("down")
                    .isEqualTo("isp COVERAGE");
            TrafficDirector full = director.withShedding(full("lab"));
            assertThat(chosen(full.explain(address))).as("full").isEqualTo("isp LOAD");
            assertThat(chosen(director.withShedding(full("lab", "isp")).explain(address)))
                    .as("both full")
                    .isEqualTo("fra LOAD");
            assertThat(chosen(director.withShedding(full("lab", "isp", "fra", "nyc"))
                            .explain(address)))
                    .as("all full: at home")
                    .isEqualTo("lab COVERAGE");
        }
        assertThat(chosen(director, "193.1.0.1")).as("strangers").isEqualTo("nyc DEFAULT_ORDER");
        assertThat(chosen(director, "2001:db9::1")).isEqualTo("nyc DEFAULT_ORDER");
    }

    @Test
    void aShareOfTheBlocksGoesOnAndAGreaterOneOnlyAddsToThem() {
        TrafficDirector director = compile(List.of(NYC, FRA, SIN), ALL_UP);
        Set<Integer> before = Set.of();
        for (double share : new double[] {0.1, 0.3, 0.7, 1}) {
            TrafficDirector shedding =
                    director.withShedding(new Shedding(Map.of("nyc", new ShedShare(0, share)), Map.of()));
            Set<Integer> gone = new HashSet<>();
            for (int block = 0; block < 10_000; block++) {
                ClientRoute route = shedding.route(true, (long) block << 44, 0);
                ClusterChoice choice = route.choice(TrafficDirector.EVERYWHERE);
                assertThat(choice).isNotNull();
                if (choice.index() != 0) {
                    gone.add(block);
                    assertThat(choice.reason()).isEqualTo(ChoiceReason.LOAD);
                }
                assertThat(route.scope(choice)).isGreaterThanOrEqualTo(share < 1 ? 20 : 1);
            }
            assertThat(gone).containsAll(before);
            assertThat(gone.size() / 10_000.0).isCloseTo(share, within(0.02));
            before = gone;
        }
    }

    /** RFC 7871 section 7.2.1: an answer is right for all of its scope. */
    @Test
    void whoComesBackHomeBecauseAllAreFullSpeaksForItsOwnLeafAlone() {
        Cluster lab = covering("lab", 48, 9, "193.0.6.0/24", "193.0.7.0/24");
        Cluster isp = covering("isp", 50, 8, "193.0.6.0/24");
        TrafficDirector director = compile(List.of(NYC, lab, isp), Set.of("nyc-1", "lab-1", "isp-1"));
        assertThat(director.explain(IpPrefix.parse("193.0.7.1")).scope())
                .as("both have the same first cluster")
                .isEqualTo(23);
        TrafficDirector full = director.withShedding(full("lab", "nyc"));
        assertThat(chosen(full, "193.0.6.1")).isEqualTo("isp LOAD");
        assertThat(chosen(full, "193.0.7.1")).isEqualTo("lab COVERAGE");
        assertThat(full.explain(IpPrefix.parse("193.0.7.1")).scope()).isEqualTo(24);
    }

    @Test
    void aDistributionThatIsFullGoesOnWithoutTheOthers() {
        Distribution live = placed("live", "nyc", "fra");
        TrafficDirector director = TrafficDirector.compile(
                        new RoutingInputs(List.of(NYC, FRA, SIN), List.of(live), places, PathSource.NONE), ALL_UP, null)
                .withShedding(new Shedding(Map.of(), Map.of("live", Map.of("fra", new ShedShare(1, 1)))));
        IpPrefix client = IpPrefix.parse("193.0.6.139");
        assertThat(chosen(director.explain(client))).isEqualTo("fra GEOGRAPHY");
        assertThat(chosen(director.explain(client, "live"))).isEqualTo("nyc LOAD");
    }

    @Test
    void aDryRunSaysWhichPrefixesMoveAndNoOthers() {
        TrafficDirector director = compile(List.of(NYC, FRA), ALL_UP);
        assertThat(director.rehearse(List.of(NYC, FRA), List.of(), "")).isEmpty();

        Cluster lab = covering("lab", 48, 9, "193.0.6.0/24", "2001:db8:6::/48");
        assertThat(director.rehearse(List.of(NYC, FRA, lab), List.of(), ""))
                .containsExactly(
                        new MapDiff.Move(IpPrefix.parse("193.0.6.0/24"), "fra", "lab"),
                        new MapDiff.Move(IpPrefix.parse("2001:db8:6::/48"), "nyc", "lab"));
        assertThat(director.rehearse(List.of(NYC, FRA.withDrained(true)), List.of(), ""))
                .containsExactly(
                        new MapDiff.Move(IpPrefix.parse("193.0.0.0/21"), "fra", "nyc"),
                        new MapDiff.Move(IpPrefix.parse("2001:db8:3::/48"), "fra", "nyc"));
        assertThat(director.rehearse(List.of(FRA), List.of(), ""))
                .as("all that was not there already, in as few prefixes as there are")
                .contains(new MapDiff.Move(IpPrefix.parse("0.0.0.0/1"), "nyc", "fra"))
                .contains(new MapDiff.Move(IpPrefix.parse("8000::/1"), "nyc", "fra"))
                .doesNotContain(new MapDiff.Move(IpPrefix.parse("193.0.0.0/21"), "nyc", "fra"))
                .hasSize(21 + 48);
        assertThat(director.rehearse(List.of(NYC, FRA), List.of(placed("far", "nyc")), "far"))
                .containsExactly(
                        new MapDiff.Move(IpPrefix.parse("193.0.0.0/21"), "fra", "nyc"),
                        new MapDiff.Move(IpPrefix.parse("2001:db8:3::/48"), "fra", "nyc"));
        assertThat(chosen(director, "193.0.6.139")).as("nothing has changed").isEqualTo("fra GEOGRAPHY");
    }

    private static Shedding full(String... clusters) {
        Map<String, ShedShare> shares = new HashMap<>();
        for (String cluster : clusters) {
            shares.put(cluster, new ShedShare(1, 1));
        }
        return new Shedding(shares, Map.of());
    }

    private static Distribution placed(String id, String... clusters) {
        return Topologies.distribution(id, new Placement(List.of(clusters), null));
    }

    private static String chosen(RoutingDecision decision) {
        return decision.chosen() + " " + decision.reason();
    }

    private TrafficDirector compile(List<Cluster> clusters, Set<String> up) {
        return TrafficDirector.compile(new RoutingInputs(clusters, places, PathSource.NONE), up, null);
    }

    private static String chosen(TrafficDirector director, String address) {
        return chosen(director.explain(IpPrefix.parse(address)));
    }
}
