package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.routing.ChoiceReason;
import com.kingcdn.redirector.routing.ClientRoute;
import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.redirector.routing.RoutingInputs;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * How many answers a resolver has to cache for one name (RFC 7871 section 7.3) when 10,000 random /24s ask through it, each of which has
 * been measured from each of five clusters, one in each region.
 *
 * <p>The networks are made up: each /8 was given to one of the five regional registries, each /12 belongs to an operator somewhere in
 * that region, its /16s lie within some hundred kilometres, paths take 1.2 to 2 times the way of light in fibre, differently for each
 * operator and cluster, and each /24 is off by some milliseconds of its own.
 */
class MeasuredScopeTest {

    private static final int PREFIXES = 10_000;
    private static final int CLUSTERS = 5;

    /** Where the five regional registries' networks lie, about. */
    private static final List<GeoPoint> REGIONS = List.of(
            new GeoPoint(40, -95),
            new GeoPoint(49, 12),
            new GeoPoint(28, 110),
            new GeoPoint(-18, -55),
            new GeoPoint(-5, 25));

    private final Random random = new Random(20260101);
    private final List<Cluster> clusters = new ArrayList<>();
    private final GeoPoint[] places = new GeoPoint[1 << 16];
    private final double[][] detours = new double[1 << 12][CLUSTERS];

    MeasuredScopeTest() {
        for (int i = 0; i < CLUSTERS; i++) {
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
            for (int i = 0; i < CLUSTERS; i++) {
                detours[operator][i] = 1.2 + random.nextDouble() * 0.8;
            }
            for (int network = 0; network < 16; network++) {
                places[(operator << 4) | network] = near(home, 2);
            }
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

    private Set<IpPrefix> clients() {
        Set<IpPrefix> clients = new TreeSet<>();
        while (clients.size() < PREFIXES) {
            byte[] address = new byte[4];
            random.nextBytes(address);
            clients.add(IpPrefix.of(address, 24));
        }
        return clients;
    }

    private void report(RttMap map, int cluster, Set<IpPrefix> clients, long now) {
        List<RttReport.Measurement> measured = new ArrayList<>();
        for (IpPrefix client : clients) {
            int network = network(client.address());
            double fibre =
                    0.01 * places[network].distanceKm(clusters.get(cluster).place());
            double own = new Random(client.hashCode() * 31L + cluster).nextGaussian() * 3;
            double rtt = Math.max(1, 6 + fibre * detours[network >> 4][cluster] + own);
            measured.add(new RttReport.Measurement(client, rtt, 1.0, 0.0, 20));
        }
        map.report(new RttReport("n" + cluster, "c" + cluster, measured), now);
    }

    @Test
    void aResolverCachesAtMostAThirdOfWhatAsks() {
        Set<IpPrefix> clients = clients();
        RttMap map = new RttMap();
        for (int i = 0; i < CLUSTERS; i++) {
            report(map, i, clients, 1_000_000);
        }
        TrafficDirector director =
                TrafficDirector.compile(new RoutingInputs(clusters, geo, map.view(1_000_000, true)), Set.of(), null);
        for (int round = 0; round < 100 && director.round().waiting() > 0; round++) {
            director = TrafficDirector.compile(
                    new RoutingInputs(clusters, geo, map.view(1_000_000, true)), Set.of(), director);
        }
        Set<IpPrefix> scopes = new HashSet<>();
        Set<Integer> chosen = new HashSet<>();
        int measured = 0;
        for (IpPrefix client : clients) {
            ClientRoute route = director.route(client);
            ClusterChoice choice = route.choice(TrafficDirector.EVERYWHERE);
            assertThat(choice).isNotNull();
            chosen.add(choice.index());
            measured += choice.reason() == ChoiceReason.MEASUREMENT ? 1 : 0;
            scopes.add(IpPrefix.of(client.address(), route.scope(choice)));
        }
        assertThat(measured).as("answered against geography").isGreaterThan(500);
        assertThat(chosen).as("clusters in use").hasSizeGreaterThan(CLUSTERS / 2);
        assertThat(scopes).hasSizeLessThanOrEqualTo(PREFIXES / 3);
    }
}
