package com.kingcdn.redirector.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterKind;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TrafficDirectorTest {

    private static final Cluster NYC = cluster("nyc", 40.7, -74.0);
    private static final Cluster FRA = cluster("fra", 50.1, 8.7);
    private static final Cluster SIN = cluster("sin", 1.35, 103.8);
    private static final Set<String> ALL_UP =
            Set.of("nyc-1", "nyc-2", "fra-1", "fra-2", "sin-1", "sin-2", "isp-1", "isp-2");

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
        TrafficDirector director = compile(List.of(NYC, FRA, SIN), ALL_UP).withHealth(Set.of("nyc-1", "sin-2"));
        assertThat(chosen(director, "193.0.6.139")).isEqualTo("nyc GEOGRAPHY");
        assertThat(director.withHealth(ALL_UP)
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
    void answersTheLastKnownGoodClusterWhenAllAreDown() {
        TrafficDirector director = compile(List.of(NYC, FRA, SIN), ALL_UP)
                .withHealth(Set.of("nyc-1", "sin-2"))
                .withHealth(Set.of("sin-2"))
                .withHealth(Set.of());
        RoutingDecision decision = director.explain(IpPrefix.parse("193.0.6.139"));
        assertThat(decision.chosen()).isEqualTo("sin");
        assertThat(decision.reason()).isEqualTo(ChoiceReason.LAST_KNOWN_GOOD);
        assertThat(decision.nodes()).extracting(EdgeNode::id).containsExactly("sin-2");
    }

    @Test
    void answersTheNearestClusterWhenNoneWasEverUp() {
        TrafficDirector director = compile(List.of(NYC, FRA, SIN), Set.of());
        assertThat(chosen(director, "193.0.6.139")).isEqualTo("fra LAST_KNOWN_GOOD");
        assertThat(director.explain(IpPrefix.parse("193.0.6.139")).nodes()).hasSize(2);
    }

    @Test
    void remembersTheLastGoodClustersOverAChangeOfConfiguration() {
        TrafficDirector before =
                compile(List.of(NYC, FRA, SIN), Set.of("sin-1")).withHealth(Set.of());
        TrafficDirector after = TrafficDirector.compile(
                new RoutingInputs(List.of(FRA, NYC, SIN), places, PathSource.NONE), Set.of(), before);
        assertThat(chosen(after, "193.0.6.139")).isEqualTo("sin LAST_KNOWN_GOOD");
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
        TrafficDirector after = before.withHealth(Set.of("nyc-1", "fra-1", "fra-2"));
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

    private TrafficDirector compile(List<Cluster> clusters, Set<String> up) {
        return TrafficDirector.compile(new RoutingInputs(clusters, places, PathSource.NONE), up, null);
    }

    private static String chosen(TrafficDirector director, String address) {
        RoutingDecision decision = director.explain(IpPrefix.parse(address));
        return decision.chosen() + " " + decision.reason();
    }

    private static Cluster cluster(String id, double latitude, double longitude) {
        return new Cluster(id, new GeoPoint(latitude, longitude), null, null, null, null, false, nodes(id));
    }

    private static Cluster covering(String id, double latitude, double longitude, String prefix) {
        return new Cluster(
                id,
                new GeoPoint(latitude, longitude),
                ClusterKind.ENTER_DEEP,
                null,
                List.of(IpPrefix.parse(prefix)),
                null,
                false,
                nodes(id));
    }

    private static List<EdgeNode> nodes(String cluster) {
        return List.of(
                new EdgeNode(cluster + "-1", "127.0.0.1", null, 0, 0),
                new EdgeNode(cluster + "-2", "127.0.0.2", null, 0, 0));
    }
}
