package com.kingcdn.redirector.rtt;

import com.kingcdn.redirector.routing.PlaceSource;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A made-up Internet, the same for the same size and seed: cities, access networks with their /24s and resolvers, public resolvers, and the
 * clusters of a CDN. What is assumed of it is in docs/mapping.md.
 *
 * <p>A round trip takes the time of light in fibre over the great circle, times a detour that each pair of network and cluster has of its
 * own, and what the last mile takes; one pair of twelve goes by way of a far place. So the way over a third one is often shorter.
 */
final class SyntheticInternet {

    /**
     * How great it is.
     *
     * @param networks access networks
     * @param clusters of the CDN
     * @param seed of all that is left to chance
     */
    record Size(int networks, int clusters, long seed) {

        /** With the seed of the documentation's figures. */
        Size(int networks, int clusters) {
            this(networks, clusters, SEED);
        }
    }

    static final long SEED = 20150817;

    /** A region of the world: where its people live, how many of a thousand, and whether public resolvers have sites in it. */
    private record Region(double latitude, double longitude, double spread, int people, boolean publicSites) {}

    /** Some /24 with clients or a resolver. */
    record Host(IpPrefix prefix, GeoPoint place, int network, int region, double lastMile, double demand) {}

    /** Clients of a /24 that ask by one resolver; demand is their share of all look-ups. */
    record Flow(Host client, Host resolver, boolean isPublic, double demand) {}

    private static final List<Region> REGIONS = List.of(
            new Region(39, -95, 9, 170, true),
            new Region(49, 8, 6, 190, true),
            new Region(34, 118, 7, 180, true),
            new Region(22, 79, 5, 160, false),
            new Region(-18, -52, 7, 110, false),
            new Region(2, 108, 7, 90, true),
            new Region(36, 38, 5, 60, false),
            new Region(5, 15, 12, 40, false));

    private static final int CITIES_IN_A_REGION = 40;
    private static final int PUBLIC_RESOLVERS = 3;
    private static final int SITES_IN_A_REGION = 3;
    private static final double PUBLIC_SHARE = 0.2;
    private static final double FIBRE = 0.01;
    private static final int RANKS = 10_000;
    /** With it half of the demand comes from 11 % of the /24s, as Akamai saw. */
    private static final double ZIPF = 0.68;

    private final Random random;
    private final List<GeoPoint> cities = new ArrayList<>();
    private final List<Cluster> clusters = new ArrayList<>();
    private final List<Host> clients = new ArrayList<>();
    private final List<Host> resolvers = new ArrayList<>();
    private final List<Flow> flows = new ArrayList<>();
    private final Map<IpPrefix, GeoPoint> database = new HashMap<>();
    private final int size;
    private final long seed;

    SyntheticInternet(Size size) {
        this.size = size.clusters();
        this.seed = size.seed() - SEED;
        this.random = new Random(size.seed());
        for (Region region : REGIONS) {
            for (int i = 0; i < CITIES_IN_A_REGION; i++) {
                cities.add(near(new GeoPoint(region.latitude(), region.longitude()), region.spread()));
            }
        }
        for (int i = 0; i < size.clusters(); i++) {
            clusters.add(cluster(i, near(city(region(i / (double) size.clusters())), 0.2)));
        }
        List<List<Host>> sites = IntStream.range(0, PUBLIC_RESOLVERS)
                .mapToObj(provider -> publicSites(size.networks() + provider))
                .toList();
        for (int network = 0; network < size.networks(); network++) {
            accessNetwork(network, region(network / (double) size.networks()), sites);
        }
    }

    List<Cluster> clusters() {
        return clusters;
    }

    List<Host> clients() {
        return clients;
    }

    List<Host> resolvers() {
        return resolvers;
    }

    List<Flow> flows() {
        return flows;
    }

    /** The geo database: right but for some tens of kilometres in most cases, and at its region's greatest city in one of thirty. */
    PlaceSource places() {
        return new PlaceSource() {
            @Override
            public void forEach(BiConsumer<IpPrefix, GeoPoint> consumer) {
                database.forEach(consumer);
            }

            @Override
            public @Nullable GeoPoint find(byte[] address) {
                return database.get(IpPrefix.of(address, 24));
            }
        };
    }

    /** A round trip between a host and a cluster on a quiet day, in milliseconds. */
    double rtt(Host host, int cluster) {
        return host.lastMile()
                + path(
                        host.network(),
                        size + cluster,
                        host.place(),
                        clusters.get(cluster).place());
    }

    /** A round trip between two clusters. */
    double rttBetween(int left, int right) {
        return 1
                + path(
                        size + Math.min(left, right),
                        2 * size + Math.max(left, right),
                        clusters.get(left).place(),
                        clusters.get(right).place());
    }

    private double path(int from, int to, GeoPoint here, GeoPoint there) {
        Random pair = new Random(from * 1_000_003L + to * 7_919L + seed * 15_485_863L);
        pair.nextInt();
        double detour = 1.2 + Math.abs(pair.nextGaussian()) * 0.4;
        double wayRound = pair.nextInt(12) == 0 ? 30 + pair.nextDouble() * 90 : 0;
        return FIBRE * here.distanceKm(there) * detour + wayRound;
    }

    private int region(double share) {
        double people = share * REGIONS.stream().mapToInt(Region::people).sum();
        for (int i = 0; i < REGIONS.size(); i++) {
            people -= REGIONS.get(i).people();
            if (people < 0) {
                return i;
            }
        }
        return REGIONS.size() - 1;
    }

    /** Some cities are greater than others. */
    private GeoPoint city(int region) {
        double share = random.nextDouble();
        return cities.get(region * CITIES_IN_A_REGION + (int) (share * share * CITIES_IN_A_REGION));
    }

    private GeoPoint near(GeoPoint centre, double degrees) {
        return new GeoPoint(
                Math.max(-89, Math.min(89, centre.latitude() + random.nextGaussian() * degrees)),
                Math.max(-179, Math.min(179, centre.longitude() + random.nextGaussian() * degrees)));
    }

    private static Cluster cluster(int number, GeoPoint place) {
        return new Cluster(
                "c" + number,
                place,
                null,
                null,
                null,
                HealthMode.ASSUMED,
                false,
                List.of(new EdgeNode("n" + number, "192.0.2." + number, null, 0, 0)));
    }

    private Host resolver(int network, int region, GeoPoint place) {
        int number = resolvers.size();
        IpPrefix prefix = IpPrefix.of(new byte[] {(byte) 220, (byte) (number >> 8), (byte) number, 0}, 24);
        Host resolver = new Host(prefix, place, network, region, 1, 0);
        resolvers.add(resolver);
        database.put(prefix, near(place, 0.3));
        return resolver;
    }

    private List<Host> publicSites(int network) {
        List<Host> sites = new ArrayList<>();
        for (int region = 0; region < REGIONS.size(); region++) {
            for (int i = 0; REGIONS.get(region).publicSites() && i < SITES_IN_A_REGION; i++) {
                sites.add(resolver(network, region, near(city(region), 0.2)));
            }
        }
        return sites;
    }

    /** A run of /20s, each of sixteen /24s in one city, beside those of the same region. */
    private void accessNetwork(int network, int region, List<List<Host>> sites) {
        List<GeoPoint> homes = IntStream.rangeClosed(0, random.nextInt(6))
                .mapToObj(i -> city(region))
                .toList();
        List<Host> own = homes.stream()
                .limit(1 + homes.size() / 2)
                .map(home -> resolver(network, region, near(home, 0.2)))
                .toList();
        // anycast: whole networks go to the nearest site, or by their routes to another near one
        int[] ranks = sites.stream()
                .mapToInt(provider -> random.nextInt(10) < 7 ? 0 : 1 + random.nextInt(3))
                .toArray();
        int blocks = 1 + random.nextInt(4) * random.nextInt(4);
        for (int block = blocks; block < 16; block++) {
            database.put(IpPrefix.of(prefix((network << 4 | block) << 4).address(), 20), homes.get(0));
        }
        for (int block = 0; block < blocks; block++) {
            GeoPoint home = random.nextInt(8) == 0
                    ? homes.get(random.nextInt(homes.size()))
                    : homes.get(block * homes.size() / blocks);
            int number = (network << 4 | block) << 4;
            for (int i = 0; i < 16; i++) {
                // not all that is given to a network has clients in it
                if (random.nextInt(10) < 6) {
                    clients(network, region, number | i, home, own, sites, ranks);
                } else {
                    database.put(prefix(number | i), home);
                }
            }
        }
    }

    private static IpPrefix prefix(int number) {
        return IpPrefix.of(new byte[] {(byte) (1 + (number >> 16)), (byte) (number >> 8), (byte) number, 0}, 24);
    }

    private void clients(
            int network, int region, int number, GeoPoint home, List<Host> own, List<List<Host>> sites, int[] ranks) {
        GeoPoint place = near(home, 0.5);
        // by Zipf's law, in no order of addresses
        double demand = Math.pow(1 + random.nextInt(RANKS), -ZIPF);
        Host client = new Host(prefix(number), place, network, region, 4 + Math.abs(random.nextGaussian()) * 8, demand);
        clients.add(client);
        boolean isWrong = random.nextInt(30) == 0;
        database.put(client.prefix(), isWrong ? near(cities.get(region * CITIES_IN_A_REGION), 1) : near(home, 0.3));
        Host isp = random.nextInt(4) == 0 ? own.get(random.nextInt(own.size())) : nearest(own, place, 0);
        flows.add(new Flow(client, isp, false, demand * (1 - PUBLIC_SHARE)));
        for (int i = 0; i < sites.size(); i++) {
            flows.add(new Flow(
                    client, nearest(sites.get(i), place, ranks[i]), true, demand * PUBLIC_SHARE / sites.size()));
        }
    }

    private static Host nearest(List<Host> hosts, GeoPoint place, int rank) {
        return hosts.stream()
                .sorted(Comparator.comparingDouble(host -> host.place().distanceKm(place)))
                .skip(Math.min(rank, hosts.size() - 1))
                .findFirst()
                .orElseThrow();
    }
}
