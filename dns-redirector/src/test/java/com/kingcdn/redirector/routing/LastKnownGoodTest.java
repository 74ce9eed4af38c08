package com.kingcdn.redirector.routing;

import static com.kingcdn.redirector.routing.ThreeClusters.ALL_UP;
import static com.kingcdn.redirector.routing.ThreeClusters.FRA;
import static com.kingcdn.redirector.routing.ThreeClusters.NYC;
import static com.kingcdn.redirector.routing.ThreeClusters.SIN;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whom clients get when no cluster is up. */
class LastKnownGoodTest {

    private final FixedPlaces places = new FixedPlaces().with("193.0.0.0/21", new GeoPoint(52.4, 4.9));

    @Test
    void answersTheLastKnownGoodClusterWhenAllAreDown() {
        TrafficDirector director = compile(List.of(NYC, FRA, SIN), ALL_UP)
                .withHealth(Set.of("nyc-1", "sin-2"), 0)
                .withHealth(Set.of("sin-2"), 1_000)
                .withHealth(Set.of(), 61_001);
        RoutingDecision decision = director.explain(IpPrefix.parse("193.0.6.139"));
        assertThat(decision.chosen()).isEqualTo("sin");
        assertThat(decision.reason()).isEqualTo(ChoiceReason.LAST_KNOWN_GOOD);
        assertThat(decision.nodes()).extracting(EdgeNode::id).containsExactly("sin-2");
    }

    @Test
    void clientsStayWhereTheyWereWhenAllClustersGoDownWithinAMinute() {
        TrafficDirector director = compile(List.of(NYC, FRA, SIN), ALL_UP)
                .withHealth(ALL_UP, 3_600_000)
                .withHealth(Set.of("nyc-1", "sin-1"), 7_200_000)
                .withHealth(Set.of("sin-1"), 7_230_000)
                .withHealth(Set.of(), 7_260_000);
        assertThat(chosen(director, "193.0.6.139")).isEqualTo("fra LAST_KNOWN_GOOD");
        assertThat(chosen(
                        director.withHealth(Set.of("sin-1"), 7_300_000).withHealth(Set.of(), 7_320_001), "193.0.6.139"))
                .as("the only one that was heard since")
                .isEqualTo("sin LAST_KNOWN_GOOD");
    }

    @Test
    void allNodesThatWentDownWithinAMinuteServeOn() {
        TrafficDirector director = compile(List.of(FRA), ALL_UP)
                .withHealth(ALL_UP, 3_600_000)
                .withHealth(Set.of("fra-2"), 7_200_000)
                .withHealth(Set.of(), 7_260_000);
        assertThat(director.clusters().get(0).nodes()).extracting(EdgeNode::id).containsExactly("fra-1", "fra-2");
        assertThat(director.withHealth(Set.of(), 9_000_000).clusters().get(0))
                .isSameAs(director.clusters().get(0));
        assertThat(director.withHealth(Set.of("fra-2"), 7_300_000)
                        .withHealth(Set.of(), 7_320_000)
                        .clusters()
                        .get(0)
                        .nodes())
                .as("the only one that was heard since")
                .extracting(EdgeNode::id)
                .containsExactly("fra-2");
    }

    @Test
    void drainedClustersAreTheLastOfAllWhenAllAreDown() {
        TrafficDirector director = compile(List.of(NYC.withDrained(true), FRA.withDrained(true), SIN), ALL_UP)
                .withHealth(Set.of(), 1_000);
        assertThat(chosen(director, "193.0.6.139")).isEqualTo("sin LAST_KNOWN_GOOD");
        TrafficDirector none = compile(List.of(NYC.withDrained(true), FRA.withDrained(true)), ALL_UP);
        assertThat(chosen(none, "193.0.6.139")).isEqualTo("fra LAST_KNOWN_GOOD");
    }

    @Test
    void aDrainedClusterThatIsUpGoesBeforeOneThatNeverWas() {
        TrafficDirector director = compile(List.of(NYC.withDrained(true), FRA), Set.of("nyc-1"));
        assertThat(chosen(director, "193.0.6.139")).isEqualTo("nyc LAST_KNOWN_GOOD");
        assertThat(chosen(director.withHealth(Set.of(), 1_000), "193.0.6.139"))
                .as("no better than that any more")
                .isEqualTo("fra LAST_KNOWN_GOOD");
        assertThat(chosen(
                        director.withHealth(Set.of("nyc-1", "fra-1"), 1_000).withHealth(Set.of("nyc-1"), 3_600_000),
                        "193.0.6.139"))
                .as("one that was up")
                .isEqualTo("fra LAST_KNOWN_GOOD");
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
                compile(List.of(NYC, FRA, SIN), Set.of("sin-1")).withHealth(Set.of(), 1_000);
        TrafficDirector after = TrafficDirector.compile(
                new RoutingInputs(List.of(FRA, NYC, SIN), places, PathSource.NONE), Set.of(), before);
        assertThat(chosen(after, "193.0.6.139")).isEqualTo("sin LAST_KNOWN_GOOD");
    }

    private TrafficDirector compile(List<Cluster> clusters, Set<String> up) {
        return TrafficDirector.compile(new RoutingInputs(clusters, places, PathSource.NONE), up, null);
    }

    private static String chosen(TrafficDirector director, String address) {
        RoutingDecision decision = director.explain(IpPrefix.parse(address));
        return decision.chosen() + " " + decision.reason();
    }
}
