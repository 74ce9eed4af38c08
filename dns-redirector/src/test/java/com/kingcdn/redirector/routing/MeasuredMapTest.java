package com.kingcdn.redirector.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What measurements make of a map: who moves, who stays, and why. */
class MeasuredMapTest {

    private static final Cluster FRA = cluster("fra", 50.1, 8.7);
    private static final Cluster NYC = cluster("nyc", 40.7, -74.0);
    private static final Cluster SIN = cluster("sin", 1.35, 103.8);
    private static final List<Cluster> ALL = List.of(FRA, NYC, SIN);
    private static final GeoPoint AMSTERDAM = new GeoPoint(52.4, 4.9);
    private static final String CLIENT = "193.0.6.0/24";

    private final FixedPlaces places = new FixedPlaces().with("193.0.0.0/16", AMSTERDAM);
    private FixedPaths paths = new FixedPaths();
    private @Nullable TrafficDirector director;

    private TrafficDirector remap(FixedPaths measured) {
        paths = measured;
        director = TrafficDirector.compile(new RoutingInputs(ALL, places, paths), Set.of(), director);
        return director;
    }

    private String chosen(String client) {
        assertThat(director).isNotNull();
        RoutingDecision decision = director.explain(IpPrefix.parse(client));
        return decision.chosen() + " " + decision.reason();
    }

    @Test
    void aNearClusterThatIsSlowLosesItsClients() {
        remap(new FixedPaths());
        assertThat(chosen(CLIENT)).isEqualTo("fra GEOGRAPHY");
        remap(new FixedPaths().with(CLIENT, "fra", 180, 0, 20).with(CLIENT, "nyc", 90, 0, 20));

        assertThat(chosen(CLIENT)).isEqualTo("nyc MEASUREMENT");
        assertThat(chosen("193.0.7.1")).as("its neighbours").isEqualTo("fra GEOGRAPHY");
    }

    @Test
    void aNearClusterThatLosesPacketsGivesWayToOneTenMillisecondsFarther() {
        remap(new FixedPaths().with(CLIENT, "fra", 20, 0.05, 60).with(CLIENT, "nyc", 24, 0, 60));
        assertThat(chosen(CLIENT)).isEqualTo("nyc MEASUREMENT");
    }

    @Test
    void oneProbeIsNoEvidence() {
        remap(new FixedPaths().with(CLIENT, "sin", 12, 0, 1));
        assertThat(chosen(CLIENT)).isEqualTo("fra GEOGRAPHY");
        remap(new FixedPaths().with(CLIENT, "sin", 5, 0, 60).with(CLIENT, "fra", 30, 0, 60));
        assertThat(chosen(CLIENT)).isEqualTo("sin MEASUREMENT");
    }

    @Test
    void aClientThatMovedStaysWhileTheDifferenceIsSmall() {
        remap(new FixedPaths());
        remap(new FixedPaths().with(CLIENT, "fra", 60, 0, 60).with(CLIENT, "nyc", 30, 0, 60));
        assertThat(chosen(CLIENT)).isEqualTo("nyc MEASUREMENT");
        remap(new FixedPaths().with(CLIENT, "fra", 36.2, 0, 60).with(CLIENT, "nyc", 30, 0, 60));
        assertThat(chosen(CLIENT))
                .as("too little to leave for, too much to come home")
                .isEqualTo("nyc MEASUREMENT");
        remap(new FixedPaths().with(CLIENT, "fra", 20, 0, 60).with(CLIENT, "nyc", 30, 0, 60));
        assertThat(chosen(CLIENT)).isEqualTo("fra GEOGRAPHY");
    }

    @Test
    void whenTheMeasurementsAreGoneGeographyDecides() {
        remap(new FixedPaths());
        remap(new FixedPaths().with(CLIENT, "fra", 180, 0, 20).with(CLIENT, "nyc", 90, 0, 20));
        remap(new FixedPaths());

        assertThat(chosen(CLIENT)).isEqualTo("fra GEOGRAPHY");
    }

    @Test
    void aClientOfNoKnownPlaceGoesWhereItsPathIsShortest() {
        remap(new FixedPaths().with("198.51.100.0/24", "sin", 20, 0, 30));
        assertThat(chosen("198.51.100.7")).isEqualTo("sin MEASUREMENT");
        assertThat(chosen("198.51.101.7")).isEqualTo("fra DEFAULT_ORDER");
    }

    @Test
    void whenTheBestIsDownTheSecondBestByMeasurementAnswers() {
        remap(new FixedPaths()
                .with(CLIENT, "fra", 180, 0, 60)
                .with(CLIENT, "nyc", 90, 0, 60)
                .with(CLIENT, "sin", 60, 0, 60));
        assertThat(director).isNotNull();
        assertThat(director.explain(IpPrefix.parse(CLIENT)).candidates())
                .extracting(RoutingDecision.Candidate::cluster)
                .containsExactly("sin", "nyc", "fra");
    }

    @Test
    void coverageGoesBeforeMeasurement() {
        director = TrafficDirector.compile(
                new RoutingInputs(
                        List.of(covering(FRA, CLIENT), NYC, SIN),
                        places,
                        new FixedPaths().with(CLIENT, "fra", 300, 0, 60).with(CLIENT, "nyc", 20, 0, 60)),
                Set.of(),
                null);
        assertThat(chosen(CLIENT)).isEqualTo("fra COVERAGE");
    }

    @Test
    void aDryRunSaysNothingOfThoseWhoMoveAnyway() {
        FixedPaths first = new FixedPaths();
        FixedPaths second = new FixedPaths();
        for (int i = 0; i < 200; i++) {
            String prefix = "193.0." + i + ".0/24";
            first.with(prefix, "fra", 20, 0, 60).with(prefix, "nyc", 90, 0, 60);
            second.with(prefix, "fra", 180, 0, 60).with(prefix, "nyc", 90, 0, 60);
        }
        remap(first);
        TrafficDirector before = remap(second);
        assertThat(before.round().waiting()).isEqualTo(100);

        List<Cluster> changed = List.of(FRA, NYC, covering(SIN, "193.0.199.0/24"));
        assertThat(before.rehearse(changed, List.of(), ""))
                .containsExactly(new MapDiff.Move(IpPrefix.parse("193.0.199.0/24"), "nyc", "sin"));
    }

    /** Else they would move in each round, and nobody else would have a turn. */
    @ParameterizedTest
    @CsvSource({"193.0.0.0/16, fra", "198.18.0.0/16, fra", "198.18.0.0/16, sin"})
    void whereCoverageHidesTheOrderNobodyMoves(String network, String best) {
        List<Cluster> clusters = ALL.stream()
                .map(cluster -> cluster.id().equals(best) ? covering(cluster, network) : cluster)
                .toList();
        FixedPaths measured = new FixedPaths();
        for (int i = 0; i < 200; i++) {
            String prefix = network.replace("0.0/16", i + ".0/24");
            measured.with(prefix, "fra", best.equals("fra") ? 10 : 120, 0, 60)
                    .with(prefix, "nyc", 100, 0, 60)
                    .with(prefix, "sin", best.equals("sin") ? 10 : 120, 0, 60);
        }
        director = TrafficDirector.compile(new RoutingInputs(clusters, places, measured), Set.of(), null);
        assertThat(chosen(network)).isEqualTo(best + " COVERAGE");
        director = TrafficDirector.compile(new RoutingInputs(clusters, places, measured.again()), Set.of(), director);

        assertThat(director.round()).isEqualTo(new RemapRound(200, 0, 0));
        assertThat(chosen(network)).isEqualTo(best + " COVERAGE");
    }

    private static Cluster covering(Cluster cluster, String network) {
        return new Cluster(
                cluster.id(),
                cluster.place(),
                null,
                null,
                List.of(IpPrefix.parse(network)),
                HealthMode.ASSUMED,
                false,
                cluster.nodes());
    }

    @Test
    void onlyAShareMovesInOneRoundAndTheWorthiestFirst() {
        int prefixes = 4_000;
        FixedPaths before = new FixedPaths();
        FixedPaths after = new FixedPaths();
        for (int i = 0; i < prefixes; i++) {
            String prefix = "193.0." + i / 16 % 256 + "." + i % 16 * 16 + "/28";
            before.with(prefix, "fra", 20, 0, 60);
            after.with(prefix, "fra", 200 + i / 100.0, 0, 60).with(prefix, "nyc", 50, 0, 60);
        }
        remap(before);
        List<Integer> moved = new ArrayList<>();
        int rounds = 0;
        do {
            remap(after.again());
            assertThat(director).isNotNull();
            moved.add(director.round().moved());
        } while (director.round().waiting() > 0 && ++rounds < 100);

        assertThat(moved).as("5 % each round").allMatch(count -> count <= 200);
        assertThat(moved.stream().mapToInt(Integer::intValue).sum()).isEqualTo(prefixes);
        assertThat(moved.get(0)).isEqualTo(200);
    }

    @Test
    void aClusterKeepsItsClientsWhenTheOthersAreNumberedAnew() {
        remap(new FixedPaths().with(CLIENT, "fra", 180, 0, 20).with(CLIENT, "nyc", 90, 0, 20));
        FixedPaths close = new FixedPaths().with(CLIENT, "fra", 100, 0, 60).with(CLIENT, "nyc", 90, 0, 60);
        director =
                TrafficDirector.compile(new RoutingInputs(List.of(SIN, NYC, FRA), places, close), Set.of(), director);

        assertThat(chosen(CLIENT)).isEqualTo("nyc MEASUREMENT");
    }

    @Test
    void neighboursThatAgreeShareOneScope() {
        FixedPaths measured = new FixedPaths();
        IntStream.range(0, 16).forEach(i -> measured.with("193.0." + i + ".0/24", "fra", 150 + i, 0, 60)
                .with("193.0." + i + ".0/24", "nyc", 80 + i, 0, 60));
        remap(measured);

        assertThat(chosen("193.0.3.0/24")).isEqualTo("nyc MEASUREMENT");
        assertThat(director).isNotNull();
        assertThat(director.explain(IpPrefix.parse("193.0.3.0/24")).scope()).isEqualTo(20);
    }

    @Test
    void aDecisionTellsWhatItWasMadeFrom() {
        remap(new FixedPaths().with(CLIENT, "nyc", 90, 0.01, 6));
        assertThat(director).isNotNull();
        RoutingDecision.Candidate nyc = director.explain(IpPrefix.parse("193.0.6.139")).candidates().stream()
                .filter(candidate -> candidate.cluster().equals("nyc"))
                .findFirst()
                .orElseThrow();

        assertThat(nyc.confidence()).isEqualTo(0.75);
        assertThat(nyc.path()).isNotNull();
        assertThat(nyc.path().prefix()).hasToString(CLIENT);
        assertThat(nyc.costMillis()).isBetween(90.0, 125.0);
    }

    private static Cluster cluster(String id, double latitude, double longitude) {
        return new Cluster(
                id,
                new GeoPoint(latitude, longitude),
                null,
                null,
                null,
                HealthMode.ASSUMED,
                false,
                List.of(new EdgeNode(id + "-1", "127.0.0.1", null, 0, 0)));
    }
}
