package com.kingcdn.redirector.rtt;

import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.routing.ClientRoute;
import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.RoutingInputs;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.redirector.rtt.SyntheticInternet.Flow;
import com.kingcdn.redirector.rtt.SyntheticInternet.Host;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * The simulation of docs/mapping.md: a synthetic Internet mapped by the real table, in four ways. {@code MappingSimulation [NETWORKS
 * [CLUSTERS [MEASURED]]]} prints how far clients are from their cluster, their round-trip time, and how many more queries come when
 * resolvers send client subnets.
 */
final class MappingSimulation {

    /** How clients are mapped. */
    enum Way {
        /** By the place of their resolver. */
        GEO,
        /** By what is measured of their resolver. */
        RESOLVER_RTT,
        /** Users of public resolvers by their own place, others by what is measured of their resolver. */
        ECS_GEO,
        /** Users of public resolvers by what is measured of them, others by what is measured of their resolver. */
        ECS_RTT
    }

    /** Of a group of clients, weighted by their demand: the way to the cluster, and a round trip. */
    record Figures(double kilometres, double millis) {}

    private static final long NOW = 1_000_000;
    private static final double TTL_SECONDS = 20;
    private static final int NAMES = 1 << 14;
    /** Of a group of names: its middle rank, as a multiple of the first one. */
    private static final double MIDDLE = 1.44;

    private static final double PAPER_GROWTH = 8;
    private static final double FAR_KILOMETRES = 1609;
    private static final double NOISE_MILLIS = 1;

    private final SyntheticInternet internet;
    private final Map<Way, TrafficDirector> maps = new HashMap<>();
    private final Map<Flow, Double> demands = new HashMap<>();
    private final double asked;

    /** @param measured so many /24s of clients are measured, those first that ask most */
    MappingSimulation(SyntheticInternet.Size size, int measured) {
        internet = new SyntheticInternet(size);
        maps.put(Way.GEO, compile(PathSource.NONE));
        maps.put(Way.RESOLVER_RTT, compile(measure(internet.resolvers())));
        maps.put(Way.ECS_GEO, Objects.requireNonNull(maps.get(Way.RESOLVER_RTT)));
        List<Host> hosts = new ArrayList<>(internet.resolvers());
        internet.clients().stream()
                .sorted(Comparator.comparingDouble(Host::demand).reversed())
                .limit(measured)
                .forEach(hosts::add);
        maps.put(Way.ECS_RTT, compile(measure(hosts)));
        internet.flows().stream()
                .filter(Flow::isPublic)
                .forEach(flow -> demands.merge(flow, flow.demand(), Double::sum));
        asked = askedFor(narrow(), PAPER_GROWTH);
    }

    private PathSource measure(List<Host> hosts) {
        Random noise = new Random(1);
        RttMap map = new RttMap();
        for (int cluster = 0; cluster < internet.clusters().size(); cluster++) {
            List<RttReport.Measurement> measured = new ArrayList<>();
            for (Host host : hosts) {
                double rtt = Math.max(0.1, internet.rtt(host, cluster) + noise.nextGaussian() * NOISE_MILLIS);
                measured.add(new RttReport.Measurement(host.prefix(), rtt, 1.0, 0.0, 20));
            }
            map.report(new RttReport("n" + cluster, "c" + cluster, measured), NOW);
        }
        return map.view(NOW, true);
    }

    private TrafficDirector compile(PathSource paths) {
        return TrafficDirector.compile(
                new RoutingInputs(internet.clusters(), internet.places(), paths), Set.of(), null);
    }

    private TrafficDirector map(Way way) {
        return Objects.requireNonNull(maps.get(way));
    }

    private static ClusterChoice choice(ClientRoute route) {
        return Objects.requireNonNull(route.choice(TrafficDirector.EVERYWHERE));
    }

    private int cluster(Way way, Flow flow) {
        boolean sendsSubnet = flow.isPublic() && (way == Way.ECS_GEO || way == Way.ECS_RTT);
        return choice(map(way).route(
                                sendsSubnet
                                        ? flow.client().prefix()
                                        : flow.resolver().prefix()))
                .index();
    }

    /** Users of public resolvers in regions whose users are far from their resolver: more than 1,000 miles in the median, as in the paper. */
    Predicate<Flow> far() {
        Map<Integer, List<Flow>> byRegion = new HashMap<>();
        internet.flows().stream().filter(Flow::isPublic).forEach(flow -> byRegion.computeIfAbsent(
                        flow.client().region(), key -> new ArrayList<>())
                .add(flow));
        Map<Integer, Double> medians = new HashMap<>();
        byRegion.forEach((region, flows) -> {
            flows.sort(Comparator.comparingDouble(MappingSimulation::toResolver));
            double half = flows.stream().mapToDouble(Flow::demand).sum() / 2;
            for (Flow flow : flows) {
                half -= flow.demand();
                if (half <= 0) {
                    medians.put(region, toResolver(flow));
                    break;
                }
            }
        });
        return flow -> flow.isPublic() && medians.getOrDefault(flow.client().region(), 0.0) > FAR_KILOMETRES;
    }

    private static double toResolver(Flow flow) {
        return flow.client().place().distanceKm(flow.resolver().place());
    }

    /** How a group fares. */
    Figures figures(Way way, Predicate<Flow> group) {
        return new Figures(
                mean(group, flow -> flow.client()
                        .place()
                        .distanceKm(internet.clusters().get(cluster(way, flow)).place())),
                mean(group, flow -> internet.rtt(flow.client(), cluster(way, flow))));
    }

    /** How a group would fare if each had the cluster with its least round-trip time. */
    double leastMillis(Predicate<Flow> group) {
        return mean(group, flow -> {
            double least = Double.POSITIVE_INFINITY;
            for (int cluster = 0; cluster < internet.clusters().size(); cluster++) {
                least = Math.min(least, internet.rtt(flow.client(), cluster));
            }
            return least;
        });
    }

    private double mean(Predicate<Flow> group, ToDoubleFunction<Flow> figure) {
        double sum = 0;
        double demand = 0;
        for (Flow flow : internet.flows()) {
            if (group.test(flow)) {
                sum += flow.demand() * figure.applyAsDouble(flow);
                demand += flow.demand();
            }
        }
        return sum / demand;
    }

    /** In which share of paths between a client and two clusters the way over the other cluster is shorter than the straight one. */
    double triangleViolations() {
        Random random = new Random(3);
        int violated = 0;
        int looked = 100_000;
        int clusters = internet.clusters().size();
        for (int i = 0; i < looked; i++) {
            Host client =
                    internet.clients().get(random.nextInt(internet.clients().size()));
            int near = random.nextInt(clusters);
            int other = random.nextInt(clusters);
            if (near != other
                    && internet.rtt(client, near) > internet.rtt(client, other) + internet.rttBetween(other, near)) {
                violated++;
            }
        }
        return violated / (double) looked;
    }

    /** A resolver's caches of one name: all who are answered by one of them. */
    private record Cache(IpPrefix resolver, IpPrefix scope) {}

    private Map<Cache, Double> caches(ScopeOf scopes) {
        Map<Cache, Double> result = new HashMap<>();
        demands.forEach((flow, demand) ->
                result.merge(new Cache(flow.resolver().prefix(), scopes.of(flow)), demand, Double::sum));
        return result;
    }

    @FunctionalInterface
    private interface ScopeOf {
        IpPrefix of(Flow flow);
    }

    private static final IpPrefix ALL = IpPrefix.parse("0.0.0.0/0");

    /**
     * Queries per second that public resolvers send us. A cache is asked by a Poisson process and keeps an answer for the TTL, so it asks
     * us {@code r / (1 + r TTL)} times a second, by the theory of renewals. Names are asked for by Zipf's law.
     *
     * @param asked look-ups per second by all users of public resolvers
     */
    private double queries(Map<Cache, Double> caches, double asked) {
        double all = caches.values().stream().mapToDouble(Double::doubleValue).sum();
        // names by rank, in groups that double
        double names = 0;
        for (int group = 1; group < NAMES; group *= 2) {
            names += group / (group * MIDDLE);
        }
        double queries = 0;
        for (double demand : caches.values()) {
            for (int group = 1; group < NAMES; group *= 2) {
                double rate = asked * demand / all / (group * MIDDLE * names);
                queries += group * rate / (1 + rate * TTL_SECONDS);
            }
        }
        return queries;
    }

    private double growth(Map<Cache, Double> caches, double asked) {
        return queries(caches, asked) / queries(caches(flow -> ALL), asked);
    }

    /** So many look-ups per second that queries grow that much. */
    private double askedFor(Map<Cache, Double> caches, double growth) {
        double low = 1e-3;
        double high = 1e9;
        for (int i = 0; i < 60; i++) {
            double middle = Math.sqrt(low * high);
            if (growth(caches, middle) < growth) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private Map<Cache, Double> narrow() {
        return caches(flow -> flow.client().prefix());
    }

    /** By what queries would grow with scopes of /24 where they grow threefold with those of a map. */
    double narrowWhereThreefold(Way way) {
        return growth(narrow(), askedFor(caches(way), 3));
    }

    private Map<Cache, Double> caches(Way way) {
        return caches(flow -> {
            ClientRoute route = map(way).route(flow.client().prefix());
            return IpPrefix.of(flow.client().prefix().address(), route.scope(choice(route)));
        });
    }

    /**
     * By what queries from public resolvers grow when these send client subnets.
     *
     * @param factor by which there are more look-ups than with scopes of /24 would let queries grow eightfold, which is what the paper saw
     */
    double growth(Way way, double factor) {
        return growth(caches(way), asked * factor);
    }

    /** How many different scopes the clients of public resolvers have, and how many /24s they are. */
    String scopes(Way way) {
        long scopes = caches(way).keySet().stream().map(Cache::scope).distinct().count();
        return caches(way).size() + " in their caches of a name, " + scopes + " scopes for "
                + internet.clients().size() + " /24s";
    }

    private void print() {
        System.out.printf(
                "%d /24s with clients, %d resolvers, %d clusters; the triangle inequality is violated on %.1f %% of"
                        + " paths%n",
                internet.clients().size(),
                internet.resolvers().size(),
                internet.clusters().size(),
                100 * triangleViolations());
        Map<String, Predicate<Flow>> groups = new LinkedHashMap<>();
        groups.put("all clients", flow -> true);
        groups.put("users of public resolvers", Flow::isPublic);
        groups.put("those far from their resolver", far());
        groups.forEach((name, group) -> {
            double toResolver = mean(group, MappingSimulation::toResolver);
            System.out.printf(
                    "%n%s: %.0f km to the resolver in the mean, %.1f ms to the best cluster%n",
                    name, toResolver, leastMillis(group));
            Figures geo = figures(Way.GEO, group);
            for (Way way : Way.values()) {
                Figures figures = figures(way, group);
                System.out.printf(
                        "  %-12s %6.0f km (/ %4.1f) %7.1f ms (/ %4.2f)%n",
                        way,
                        figures.kilometres(),
                        geo.kilometres() / figures.kilometres(),
                        figures.millis(),
                        geo.millis() / figures.millis());
            }
        });
        System.out.printf(
                "%nqueries of public resolvers, %.0f look-ups/s by their users (scopes of /24: x 8)%n", asked);
        for (Way way : new Way[] {Way.ECS_GEO, Way.ECS_RTT}) {
            System.out.printf(
                    "  %-12s x %.2f; x %.2f with a tenth of the look-ups; x 3 where scopes of /24 have x %.2f; %s%n",
                    way, growth(way, 1), growth(way, 0.1), narrowWhereThreefold(way), scopes(way));
        }
    }

    /** Runs it. */
    public static void main(String[] arguments) {
        int networks = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 800;
        int clusters = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 60;
        int measured = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 10_000;
        new MappingSimulation(new SyntheticInternet.Size(networks, clusters), measured).print();
    }
}
