package com.kingcdn.redirector.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is drawn of a map is what the map says, however large it is. */
class MapSurveyTest {

    private static final Cluster FRA = cluster("fra", 50.1, 8.7, List.of());
    private static final Cluster SIN = cluster("sin", 1.35, 103.8, List.of());
    private static final GeoPoint AMSTERDAM = new GeoPoint(52.4, 4.9);
    private static final GeoPoint TOKYO = new GeoPoint(35.7, 139.8);

    private PlaceSource places = new FixedPlaces();
    private FixedPaths paths = new FixedPaths();
    private List<Cluster> clusters = List.of(FRA, SIN);

    private TrafficDirector director() {
        return TrafficDirector.compile(new RoutingInputs(clusters, places, paths), Set.of(), null);
    }

    private static MapSurvey survey(TrafficDirector director) {
        return MapSurvey.of(director, PlacedNetworks.of(director), "");
    }

    @Test
    void eachPlaceGoesToItsNearestCluster() {
        places = new FixedPlaces()
                .with("193.0.0.0/16", AMSTERDAM)
                .with("133.11.0.0/16", TOKYO)
                .with("2001:db8::/32", TOKYO);
        MapSurvey survey = survey(director());

        assertThat(survey.places()).hasSize(2);
        MapSurvey.Place tokyo = survey.places().get(0);
        assertThat(tokyo.place()).isEqualTo(TOKYO);
        assertThat(tokyo.networks()).isEqualTo(2);
        assertThat(tokyo.weight()).isEqualTo(65_536 + 65_536);
        assertThat(tokyo.routes()).containsExactly(new MapSurvey.Route("sin", 1, ChoiceReason.GEOGRAPHY, 0, null));
        assertThat(tokyo.largest()).extracting(IpPrefix::toString).contains("133.11.0.0/16");
        assertThat(survey.places().get(1).routes())
                .extracting(MapSurvey.Route::cluster)
                .containsExactly("fra");
        assertThat(survey.ownWays()).isZero();
        assertThat(survey.whole()).isTrue();
    }

    @Test
    void aMeasuredPartOfANetworkGoesItsOwnWay() {
        places = new FixedPlaces().with("193.0.0.0/16", AMSTERDAM);
        paths = new FixedPaths().with("193.0.128.0/17", "sin", 5, 0, 60).with("193.0.128.0/17", "fra", 90, 0, 60);
        MapSurvey survey = survey(director());

        assertThat(survey.places().get(0).routes())
                .extracting(MapSurvey.Route::cluster, MapSurvey.Route::share, MapSurvey.Route::reason)
                .containsExactlyInAnyOrder(
                        tuple("fra", 0.5, ChoiceReason.GEOGRAPHY), tuple("sin", 0.5, ChoiceReason.MEASUREMENT));
        assertThat(survey.ownWays()).isOne();
        MapSurvey.Prefix own = survey.prefixes().get(0);
        assertThat(own.prefix()).hasToString("193.0.128.0/17");
        assertThat(own.cluster()).isEqualTo("sin");
        assertThat(own.rttMillis()).isEqualTo(5);
        assertThat(own.confidence()).isGreaterThan(0.9);
    }

    @Test
    void coverageIsSeenWithoutAnyGeoDatabase() {
        clusters = List.of(FRA, cluster("sin", 1.35, 103.8, List.of(IpPrefix.parse("2001:db8::/48"))));
        MapSurvey survey = survey(director());

        assertThat(survey.places()).isEmpty();
        assertThat(survey.prefixes()).singleElement().satisfies(prefix -> {
            assertThat(prefix.prefix()).isEqualTo(IpPrefix.parse("2001:db8::/48"));
            assertThat(prefix.cluster()).isEqualTo("sin");
            assertThat(prefix.reason()).isEqualTo(ChoiceReason.COVERAGE);
        });
    }

    @Test
    void aFullClustersPlaceGoesTwoWays() {
        places = new FixedPlaces().with("193.0.0.0/12", AMSTERDAM);
        Map<String, ShedShare> shares = Map.of("fra", new ShedShare(0, 0.5));
        MapSurvey survey = survey(director().withShedding(new Shedding(shares, Map.of())));

        assertThat(survey.places().get(0).routes())
                .extracting(MapSurvey.Route::cluster)
                .containsExactlyInAnyOrder("fra", "sin");
        assertThat(survey.places().get(0).routes())
                .allSatisfy(route -> assertThat(route.share()).isBetween(0.1, 0.9));
    }

    @Test
    void aDrainedClustersPlacesGoToTheNextOne() {
        places = new FixedPlaces().with("193.0.0.0/16", AMSTERDAM);
        TrafficDirector before = director();
        Cluster drained = new Cluster("fra", FRA.place(), null, null, null, HealthMode.ASSUMED, true, FRA.nodes());
        TrafficDirector after =
                TrafficDirector.compile(new RoutingInputs(List.of(drained, SIN), places, paths), Set.of(), before);

        assertThat(survey(before).places().get(0).routes().get(0).cluster()).isEqualTo("fra");
        assertThat(survey(after).places().get(0).routes().get(0).cluster()).isEqualTo("sin");
    }

    @Test
    void noClusterIsNoRouteAndNoFailure() {
        places = new FixedPlaces().with("193.0.0.0/16", AMSTERDAM);
        clusters = List.of();
        MapSurvey survey = survey(director());

        assertThat(survey.places()).singleElement().satisfies(place -> assertThat(place.routes())
                .isEmpty());
        assertThat(survey.prefixes()).isEmpty();
    }

    /** Networks of length 24 in the order of their addresses, from 1.0.0.0 on. */
    private record Networks(List<GeoPoint> at) implements PlaceSource {

        static IpPrefix prefix(int number) {
            return IpPrefix.of(new byte[] {(byte) (1 + (number >> 16)), (byte) (number >> 8), (byte) number, 0}, 24);
        }

        @Override
        public void forEach(BiConsumer<IpPrefix, GeoPoint> consumer) {
            for (int i = 0; i < at.size(); i++) {
                consumer.accept(prefix(i), at.get(i));
            }
        }

        @Override
        public @Nullable GeoPoint find(byte[] address) {
            int number = (((address[0] & 255) - 1) << 16) | ((address[1] & 255) << 8) | (address[2] & 255);
            return number >= 0 && number < at.size() ? at.get(number) : null;
        }
    }

    @Test
    void oneHundredThousandPrefixesAndTheirMeasurementsAreABoundedPicture() {
        Random random = new Random(7);
        GeoPoint[] at = new GeoPoint[100_000];
        for (int i = 0; i < at.length; i++) {
            at[i] = new GeoPoint(-60 + 135 * random.nextDouble(), -180 + 360 * random.nextDouble());
            if (i % 10 == 0) {
                paths.with(Networks.prefix(i), i % 20 == 0 ? "fra" : "sin", new PathMeasurement(3, 0, 0, 60));
            }
        }
        places = new Networks(List.of(at));
        TrafficDirector director = director();
        PlacedNetworks networks = PlacedNetworks.of(director);
        MapSurvey survey = MapSurvey.of(director, networks, "");

        assertThat(networks.networks()).isEqualTo(100_000);
        assertThat(survey.places()).hasSizeBetween(100, PlacedNetworks.MAX_PLACES);
        assertThat(survey.places().stream().mapToLong(MapSurvey.Place::networks).sum())
                .as("nothing is left out")
                .isEqualTo(100_000);
        assertThat(survey.places()).allSatisfy(place -> assertThat(place.routes().stream()
                        .mapToDouble(MapSurvey.Route::share)
                        .sum())
                .isEqualTo(1, within(0.01)));
        assertThat(survey.prefixes()).hasSize(MapSurvey.MAX_PREFIXES);
        assertThat(survey.ownWays()).isGreaterThan(1_000);
    }

    /** Of more networks than are kept, those that are left stand for all of them. */
    @Test
    void ofMillionsOfNetworksEveryNthIsFollowed() {
        GeoPoint[] at = new GeoPoint[600_000];
        for (int i = 0; i < at.length; i++) {
            at[i] = i / 256 % 2 == 0 ? AMSTERDAM : TOKYO;
        }
        places = new Networks(List.of(at));
        TrafficDirector director = director();
        PlacedNetworks networks = PlacedNetworks.of(director);

        assertThat(networks.networks()).isEqualTo(600_000);
        assertThat(networks.kept()).isBetween(PlacedNetworks.MAX_NETWORKS / 2, PlacedNetworks.MAX_NETWORKS);
        MapSurvey survey = MapSurvey.of(director, networks, "");
        assertThat(survey.places()).extracting(MapSurvey.Place::networks).containsExactlyInAnyOrder(300_032L, 299_968L);
        assertThat(survey.places())
                .allSatisfy(place -> assertThat(place.routes()).hasSize(1));
    }

    private static Cluster cluster(String id, double latitude, double longitude, List<IpPrefix> coverage) {
        return new Cluster(
                id,
                new GeoPoint(latitude, longitude),
                null,
                null,
                coverage,
                HealthMode.ASSUMED,
                false,
                List.of(new EdgeNode(id + "-1", "127.0.0.1", null, 0, 0)));
    }
}
