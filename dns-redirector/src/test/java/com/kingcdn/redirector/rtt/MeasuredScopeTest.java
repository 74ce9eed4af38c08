package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.routing.ChoiceReason;
import com.kingcdn.redirector.routing.ClientRoute;
import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.redirector.routing.RoutingInputs;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How many answers a resolver has to cache for one name (RFC 7871 section 7.3) when 10,000 random /24s ask through it, each of which has
 * been measured from each cluster of a CDN with one, two or four in each region.
 *
 * <p>The networks are made up: each /8 was given to one of the five regional registries, each /12 belongs to an operator somewhere in
 * that region, its /16s lie within some hundred kilometres, paths take 1.2 to 2 times the way of light in fibre, differently for each
 * operator and cluster, and each /24 is off by some milliseconds of its own.
 */
class MeasuredScopeTest {

    private static final int PREFIXES = 10_000;
    private static final long NOW = 1_000_000;
    private static final long MINUTE = 60_000;

    /** Where the five regional registries' networks lie, about. */
    private static final List<GeoPoint> REGIONS = List.of(
            new GeoPoint(40, -95),
            new GeoPoint(49, 12),
            new GeoPoint(28, 110),
            new GeoPoint(-18, -55),
            new GeoPoint(-5, 25));

    private final Random random = new Random(20260101);
    private final Random noise = new Random(7);
    private final RttMap map = new RttMap();
    private List<Cluster> clusters = List.of();
    private Set<IpPrefix> clients = Set.of();
    private GeoPoint[] places = {};
    private double[][] detours = {};

    private void makeUp(int count) {
        clusters = new ArrayList<>();
        places = new GeoPoint[1 << 16];
        detours = new double[1 << 12][count];
        for (int i = 0; i < count; i++) {
            clusters.add(new Cluster(
                    "c" + i,
                    near(REGIONS.get(i % REGIONS.size()), 12),
                    null,
                    null,
                    null,
                    HealthMode.ASSUMED,
                    false,
                    List.of(new EdgeNode("n" + i, "192.0.2." + i, null, 0, 0))));
        }
        GeoPoint[] registries = new GeoPoint[256];
        for (int i = 0; i < registries.length; i++) {
            registries[i] = REGIONS.get(random.nextInt(REGIONS.size()));
        }
        for (int operator = 0; operator < detours.length; operator++) {
            GeoPoint home = near(registries[operator >> 4], 10);
            for (int i = 0; i < count; i++) {
                detours[operator][i] = 1.2 + random.nextDouble() * 0.8;
            }
            for (int network = 0; network < 16; network++) {
                places[(operator << 4) | network] = near(home, 2);
            }
        }
        clients = new TreeSet<>();
        while (clients.size() < PREFIXES) {
            byte[] address = new byte[4];
            random.nextBytes(address);
            clients.add(IpPrefix.of(address, 24));
        }
    }

    private GeoPoint near(GeoPoint centre, double degrees) {
        return new GeoPoint(
                Math.max(-89, Math.min(89, centre.latitude() + random.nextGaussian() * degrees)),
                Math.max(-179, Math.min(179, centre.longitude() + random.nextGaussian() * degrees)));
    }

    private static int network(byte[] address) {
        return ((address[0] & 255) << 8) | (address[1] & 255);
    }

    private final PlaceSource geo = new PlaceSource() {
        @Override
        public void forEach(BiConsumer<IpPrefix, GeoPoint> consumer) {
            for (int i = 0; i < places.length; i++) {
                consumer.accept(IpPrefix.of(new byte[] {(byte) (i >> 8), (byte) i, 0, 0}, 16), places[i]);
            }
        }

        @Override
        public @Nullable GeoPoint find(byte[] address) {
            return places[network(address)];
        }
    };

    /** What a client's round trip takes on a quiet day. */
    private double rtt(IpPrefix client, int cluster) {
        int network = network(client.address());
        double fibre = 0.01 * places[network].distanceKm(clusters.get(cluster).place());
        double own = new Random(client.hashCode() * 31L + cluster).nextGaussian() * 3;
        return Math.max(1, 6 + fibre * detours[network >> 4][cluster] + own);
    }

    /** @param spread standard deviation of what a report is off by, in milliseconds */
    private void report(double spread, long now) {
        for (int cluster = 0; cluster < clusters.size(); cluster++) {
            List<RttReport.Measurement> measured = new ArrayList<>();
            for (IpPrefix client : clients) {
                double rtt = Math.max(1, rtt(client, cluster) + noise.nextGaussian() * spread);
                measured.add(new RttReport.Measurement(client, rtt, 1.0, 0.0, 20));
            }
            map.report(new RttReport("n" + cluster, "c" + cluster, measured), now);
        }
    }

    private TrafficDirector compile(@Nullable TrafficDirector previous, long now) {
        return TrafficDirector.compile(new RoutingInputs(clusters, geo, map.view(now, true)), Set.of(), previous);
    }

    /** Rounds until nobody waits any more. */
    private TrafficDirector settle(TrafficDirector first, long now) {
        TrafficDirector director = compile(first, now);
        for (int round = 0; round < 100 && director.round().waiting() > 0; round++) {
            assertThat(director.round().moved())
                    .isLessThanOrEqualTo((int) Math.ceil(0.05 * director.round().prefixes()));
            director = compile(director, now);
        }
        assertThat(director.round().waiting()).isZero();
        return director;
    }

    private void check(TrafficDirector director) {
        Set<IpPrefix> scopes = new HashSet<>();
        Set<Integer> chosen = new HashSet<>();
        Map<ChoiceReason, Integer> reasons = new EnumMap<>(ChoiceReason.class);
        double lost = 0;
        double best = 0;
        for (IpPrefix client : clients) {
            ClientRoute route = director.route(client);
            ClusterChoice choice = route.choice(TrafficDirector.EVERYWHERE);
            assertThat(choice).isNotNull();
            chosen.add(choice.index());
            reasons.merge(choice.reason(), 1, Integer::sum);
            scopes.add(IpPrefix.of(client.address(), route.scope(choice)));
            double least = IntStream.range(0, clusters.size())
                    .mapToDouble(cluster -> rtt(client, cluster))
                    .min()
                    .orElseThrow();
            best += least;
            lost += rtt(client, choice.index()) - least;
        }
        String seen = "%d clusters: %d scopes, reasons %s, mean RTT %.2f ms, %.2f ms above the least"
                .formatted(clusters.size(), scopes.size(), reasons, (best + lost) / PREFIXES, lost / PREFIXES);
        assertThat(reasons.getOrDefault(ChoiceReason.MEASUREMENT, 0))
                .as("answered against geography")
                .isGreaterThan(500);
        assertThat(chosen).as("clusters in use").hasSizeGreaterThan(clusters.size() / 2);
        assertThat(scopes).as(seen).hasSizeLessThanOrEqualTo(PREFIXES / 3);
        assertThat(lost / best).as(seen).isLessThan(0.05);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 10, 20})
    void aResolverCachesAtMostAThirdOfWhatAsks(int count) {
        makeUp(count);
        report(0, NOW);
        check(compile(null, NOW));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 10, 20})
    void andSoItDoesWhenRoundsHaveLedThere_throughMeasurementsThatSway(int count) {
        makeUp(count);
        report(1, NOW);
        TrafficDirector director = settle(
                compile(
                        TrafficDirector.compile(new RoutingInputs(clusters, geo, PathSource.NONE), Set.of(), null),
                        NOW),
                NOW);
        check(director);

        TrafficDirector again = compile(director, NOW);
        assertThat(again.round().moved()).as("nothing has changed").isZero();
        int moved = 0;
        for (int minute = 1; minute <= 3; minute++) {
            report(1, NOW + minute * MINUTE);
            again = settle(again, NOW + minute * MINUTE);
            moved += again.round().moved();
        }
        assertThat(moved).as("by noise alone").isLessThan(PREFIXES / 50);
        check(again);
        checkRestarted(again, compile(null, NOW + 3 * MINUTE));
    }

    /** Who is where is not kept over a restart, only what is measured: a redirector that starts with it decides anew, in one round. */
    private void checkRestarted(TrafficDirector before, TrafficDirector after) {
        TrafficDirector geography =
                TrafficDirector.compile(new RoutingInputs(clusters, geo, PathSource.NONE), Set.of(), null);
        int forgetting = 0;
        int moved = 0;
        double dearer = 0;
        for (IpPrefix client : clients) {
            int was = chosen(before, client);
            forgetting += was == chosen(geography, client) ? 0 : 1;
            int is = chosen(after, client);
            moved += was == is ? 0 : 1;
            dearer += rtt(client, is) - rtt(client, was);
        }
        String seen = "%d clusters: a restart moves %d of %d, %.2f ms dearer in the mean; one that forgets moves %d"
                .formatted(clusters.size(), moved, PREFIXES, dearer / PREFIXES, forgetting);
        System.out.println(seen);
        assertThat(after.round().waiting()).isZero();
        assertThat(moved).as(seen).isLessThan(PREFIXES / 10).isLessThan(forgetting);
    }

    private static int chosen(TrafficDirector director, IpPrefix client) {
        ClusterChoice choice = director.route(client).choice(TrafficDirector.EVERYWHERE);
        return choice == null ? -1 : choice.index();
    }
}
