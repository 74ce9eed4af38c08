package com.kingcdn.redirector.rtt;

import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.routing.ClientRoute;
import com.kingcdn.redirector.routing.ClusterChoice;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.RoutingInputs;
import com.kingcdn.redirector.routing.SharingTrial;
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
 * [CLUSTERS [MEASURED [SEEDS]]]]} prints how far clients are from their cluster, their round-trip time, and how many more queries come when
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
    private static final double PAPER_GROWTH = 8;
    private static final double FAR_KILOMETRES = 1609;
    private static final double NOISE_MILLIS = 1;

    private final SyntheticInternet internet;
    private final Map<Way, TrafficDirector> maps = new HashMap<>();
    private final PathSource measured;
    private final double asked;

    /** @param measure so many /24s of clients are measured, those first that ask most */
    MappingSimulation(SyntheticInternet.Size size, int measure) {
        internet = new SyntheticInternet(size);
        maps.put(Way.GEO, compile(PathSource.NONE));
        maps.put(Way.RESOLVER_RTT, compile(measure(internet.resolvers())));
        maps.put(Way.ECS_GEO, Objects.requireNonNull(maps.get(Way.RESOLVER_RTT)));
        List<Host> hosts = new ArrayList<>(internet.resolvers());
        internet.clients().stream()
                .sorted(Comparator.comparingDouble(Host::demand).reversed())
                .limit(measure)
                .forEach(hosts::add);
        measured = measure(hosts);
        maps.put(Way.ECS_RTT, compile(measured));
        asked = caches(flow -> flow.client().prefix()).askedFor(PAPER_GROWTH);
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
        return TrafficDirector.compile(inputs(paths), Set.of(), null);
    }

    private RoutingInputs inputs(PathSource paths) {
        return new RoutingInputs(internet.clusters(), internet.places(), paths);
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
    Figures least(Predicate<Flow> group) {
        return new Figures(
                mean(group, flow -> flow.client()
                        .place()
                        .distanceKm(
                                internet.clusters().get(nearest(flow.client())).place())),
                mean(group, flow -> internet.rtt(flow.client(), nearest(flow.client()))));
    }

    private int nearest(Host client) {
        int nearest = 0;
        for (int cluster = 1; cluster < internet.clusters().size(); cluster++) {
            nearest = internet.rtt(client, cluster) < internet.rtt(client, nearest) ? cluster : nearest;
        }
        return nearest;
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

    @FunctionalInterface
    private interface ScopeOf {
        IpPrefix of(Flow flow);
    }

    private static final IpPrefix ALL = IpPrefix.parse("0.0.0.0/0");

    /** What public resolvers cache of a name. */
    private ResolverCaches caches(ScopeOf scopes) {
        record Cache(IpPrefix resolver, IpPrefix scope) {}
        Map<Cache, Double> sites = new HashMap<>();
        Map<Cache, Double> all = new HashMap<>();
        for (Flow flow : internet.flows()) {
            if (flow.isPublic()) {
                IpPrefix resolver = flow.resolver().prefix();
                sites.merge(new Cache(resolver, ALL), flow.demand(), Double::sum);
                all.merge(new Cache(resolver, scopes.of(flow)), flow.demand(), Double::sum);
            }
        }
        return new ResolverCaches(sites.values(), all.values());
    }

    private IpPrefix scope(Way way, Flow flow) {
        ClientRoute route = map(way).route(flow.client().prefix());
        return IpPrefix.of(flow.client().prefix().address(), route.scope(choice(route)));
    }

    /** What public resolvers cache of a name when they send client subnets. */
    ResolverCaches caches(Way way) {
        return caches(flow -> scope(way, flow));
    }

    /** The same if there were one scope for all clients of a cluster, wherever their addresses lie: fewer cannot be with these choices. */
    ResolverCaches fewestCaches(Way way) {
        return caches(flow -> internet.clusters().get(cluster(way, flow)).nodes().stream()
                .map(node -> IpPrefix.parse(node.ipv4() + "/32"))
                .findFirst()
                .orElseThrow());
    }

    /** Look-ups per second at which scopes of /24 would let queries grow eightfold, which is what the paper saw. */
    double asked() {
        return asked;
    }

    /** Compiles what is measured of clients on other terms. */
    void share(SharingTrial terms) {
        maps.put(Way.ECS_RTT, terms.compile(inputs(measured)));
    }

    /** How many different scopes the clients of public resolvers have. */
    long scopes(Way way) {
        return internet.flows().stream()
                .filter(Flow::isPublic)
                .map(flow -> scope(way, flow))
                .distinct()
                .count();
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
                    "%n%s: %.0f km to the resolver in the mean; %.0f km, %.1f ms to the best cluster%n",
                    name, toResolver, least(group).kilometres(), least(group).millis());
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
                "%nqueries of public resolvers when they send subnets, by how many names, those most asked for, have answers of"
                        + " their own while the others share;%nin brackets if these shared before, too. %.0f look-ups/s by"
                        + " their users: scopes of /24 make it x %.0f%n",
                asked, PAPER_GROWTH);
        printQueries("scopes of /24", caches(flow -> flow.client().prefix()));
        printQueries("ECS_GEO", caches(Way.ECS_GEO));
        printQueries("ECS_RTT", caches(Way.ECS_RTT));
        printQueries("one scope a cluster", fewestCaches(Way.ECS_RTT));
    }

    private void printQueries(String label, ResolverCaches caches) {
        StringBuilder line = new StringBuilder();
        for (int own : OWN_NAMES) {
            line.append(String.format(
                    "  %5d: x %.2f (x %.2f)", own, caches.growth(asked, own), caches.growthBySubnets(asked, own)));
        }
        System.out.printf("  %-20s %5d caches%s%n", label, caches.scopes().size(), line);
    }

    private static final int[] OWN_NAMES = {ResolverCaches.NAMES, 1023, 63, 0};

    /** One line: what users of public resolvers gain who are far from them, and how queries grow. */
    private String summary() {
        Figures geo = figures(Way.GEO, far());
        Figures ecs = figures(Way.ECS_RTT, far());
        Figures least = least(far());
        ResolverCaches caches = caches(Way.ECS_RTT);
        return String.format(
                "%4.0f km (/ %4.1f; %4.1f at most) %5.1f ms (/ %4.2f) %5d scopes %5d caches, queries x %.2f, x %.2f with 63 names of"
                        + " their own, x %.2f with none (x %.2f)",
                ecs.kilometres(),
                geo.kilometres() / ecs.kilometres(),
                geo.kilometres() / least.kilometres(),
                ecs.millis(),
                geo.millis() / ecs.millis(),
                scopes(Way.ECS_RTT),
                caches.scopes().size(),
                caches.growth(asked, ResolverCaches.NAMES),
                caches.growth(asked, 63),
                caches.growth(asked, 0),
                caches.growthBySubnets(asked, 0));
    }

    private void printCurve() {
        System.out.printf("%nthose far from their resolver, by the price of an answer and what a client may lose%n");
        for (SharingTrial terms : CURVE) {
            share(terms);
            System.out.printf("  %5.0f ms, x %.0f  %s%n", terms.price(), terms.tolerance(), summary());
        }
        share(SharingTrial.DEFAULT);
    }

    private static final List<SharingTrial> CURVE = List.of(
            new SharingTrial(0, 1),
            new SharingTrial(3, 1),
            SharingTrial.DEFAULT,
            new SharingTrial(30, 1),
            new SharingTrial(100, 1),
            new SharingTrial(100, 2),
            new SharingTrial(300, 2),
            new SharingTrial(300, 4),
            new SharingTrial(1000, 4),
            new SharingTrial(3000, 8));

    /** Runs it. */
    public static void main(String[] arguments) {
        int networks = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 800;
        int clusters = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 60;
        int measured = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 10_000;
        int seeds = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 5;
        MappingSimulation first = new MappingSimulation(new SyntheticInternet.Size(networks, clusters), measured);
        first.print();
        first.printCurve();
        System.out.printf("%nthose far from their resolver, in other made-up Internets%n");
        for (int seed = 1; seed < seeds; seed++) {
            SyntheticInternet.Size size = new SyntheticInternet.Size(networks, clusters, SyntheticInternet.SEED + seed);
            System.out.printf("  %d  %s%n", size.seed(), new MappingSimulation(size, measured).summary());
        }
    }
}
