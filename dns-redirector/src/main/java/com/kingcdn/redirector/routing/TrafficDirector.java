package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.HealthMode;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The choice of a cluster for a client: a routing table, and over it which clusters are usable now.
 *
 * <p>A choice is made per map unit when health changes and not per query: the first usable cluster of the unit's ranking, or the first
 * that was usable when any last was. So a query costs one table look-up, and a change of health costs no compilation. Immutable.
 */
public final class TrafficDirector {

    private final List<Cluster> clusters;
    private final RoutingTable table;
    private final PlaceSource places;
    private final PathSource paths;
    private final List<ServingCluster> serving;
    /** By map unit; null where there is no cluster at all. */
    private final @Nullable ClusterChoice[] choices;
    /** By cluster, the last generation in which it was usable; 0 for never. */
    private final long[] lastUsable;

    private final long generation;

    private TrafficDirector(
            List<Cluster> clusters,
            RoutingTable table,
            PlaceSource places,
            PathSource paths,
            List<ServingCluster> serving,
            long generation) {
        this.clusters = clusters;
        this.table = table;
        this.places = places;
        this.paths = paths;
        this.serving = serving;
        this.choices = new @Nullable ClusterChoice[table.units().size()];
        this.lastUsable = new long[clusters.size()];
        this.generation = generation;
    }

    /**
     * Compiles a table and chooses from it.
     *
     * @param paths what has been measured; the same object again means the same measurements
     * @param upNodes ids of the edge nodes that are up; nodes of clusters whose health is assumed are up anyway
     * @param previous what answered until now, whose table is kept if it would be the same, and from which clusters that were up last
     *     are known; or null
     */
    public static TrafficDirector compile(
            List<Cluster> clusters,
            PlaceSource places,
            PathSource paths,
            Set<String> upNodes,
            @Nullable TrafficDirector previous) {
        RoutingTable table = previous != null
                        && previous.places == places
                        && previous.paths == paths
                        && sameTable(previous.clusters, clusters)
                ? previous.table
                : RoutingTable.compile(clusters, places, paths, previous == null ? null : previous.table(clusters));
        long generation = previous == null ? 1 : previous.generation + 1;
        return new TrafficDirector(
                        List.copyOf(clusters), table, places, paths, serving(clusters, upNodes, previous), generation)
                .choose(previous);
    }

    /** The same table with other nodes up. */
    public TrafficDirector withHealth(Set<String> upNodes) {
        return new TrafficDirector(clusters, table, places, paths, serving(clusters, upNodes, this), generation + 1)
                .choose(this);
    }

    /** The table in use, for another list of clusters. */
    private RoutingTable.Previous table(List<Cluster> now) {
        Map<String, Integer> numbers = new HashMap<>();
        for (int i = 0; i < now.size(); i++) {
            numbers.put(now.get(i).id(), i);
        }
        return new RoutingTable.Previous(
                table,
                clusters.stream()
                        .mapToInt(cluster -> numbers.getOrDefault(cluster.id(), -1))
                        .toArray());
    }

    /** What came of the measurements in the map. */
    public RemapRound round() {
        return table.round();
    }

    /** Whether two lists of clusters compile to one table: whatever else differs is no matter of the map. */
    private static boolean sameTable(List<Cluster> before, List<Cluster> after) {
        return before.stream()
                .map(TrafficDirector::mapped)
                .toList()
                .equals(after.stream().map(TrafficDirector::mapped).toList());
    }

    private static List<Object> mapped(Cluster cluster) {
        return List.of(cluster.id(), cluster.place(), cluster.kind(), cluster.role(), cluster.coverage());
    }

    private static List<ServingCluster> serving(
            List<Cluster> clusters, Set<String> upNodes, @Nullable TrafficDirector previous) {
        Map<String, ServingCluster> before = new HashMap<>();
        if (previous != null) {
            previous.serving.forEach(cluster -> before.put(cluster.cluster().id(), cluster));
        }
        return clusters.stream()
                .map(cluster -> serving(cluster, upNodes, before.get(cluster.id())))
                .toList();
    }

    private static ServingCluster serving(Cluster cluster, Set<String> upNodes, @Nullable ServingCluster before) {
        List<EdgeNode> up = cluster.health() == HealthMode.ASSUMED
                ? cluster.nodes()
                : cluster.nodes().stream()
                        .filter(node -> upNodes.contains(node.id()))
                        .toList();
        List<EdgeNode> nodes = up;
        if (up.isEmpty()) {
            List<EdgeNode> last = before == null
                    ? List.of()
                    : before.nodes().stream().filter(cluster.nodes()::contains).toList();
            nodes = last.isEmpty() ? cluster.nodes() : last;
        }
        boolean isUp = !up.isEmpty();
        if (before != null
                && before.cluster().equals(cluster)
                && before.isUp() == isUp
                && before.nodes().equals(nodes)) {
            return before;
        }
        return new ServingCluster(cluster, nodes, isUp);
    }

    /** Notes who is usable now, then chooses for each map unit. */
    private TrafficDirector choose(@Nullable TrafficDirector previous) {
        Map<String, Long> before = new HashMap<>();
        if (previous != null) {
            for (int i = 0; i < previous.lastUsable.length; i++) {
                before.put(previous.clusters.get(i).id(), previous.lastUsable[i]);
            }
        }
        for (int i = 0; i < lastUsable.length; i++) {
            lastUsable[i] = serving.get(i).isUsable()
                    ? generation
                    : before.getOrDefault(clusters.get(i).id(), 0L);
        }
        for (int unit = 0; unit < choices.length; unit++) {
            choices[unit] = choose(table.units().get(unit));
        }
        return this;
    }

    private @Nullable ClusterChoice choose(MapUnit unit) {
        int[] ranking = unit.ranking();
        for (int rank = 0; rank < ranking.length; rank++) {
            ServingCluster candidate = serving.get(ranking[rank]);
            if (candidate.isUsable()) {
                ChoiceReason reason = rank < unit.covering()
                        ? ChoiceReason.COVERAGE
                        : unit.measured()
                                ? ChoiceReason.MEASUREMENT
                                : unit.location() == LocationSource.NONE
                                        ? ChoiceReason.DEFAULT_ORDER
                                        : ChoiceReason.GEOGRAPHY;
                return new ClusterChoice(ranking[rank], candidate, reason);
            }
        }
        int best = lastGood(ranking);
        return best < 0 ? null : new ClusterChoice(best, serving.get(best), ChoiceReason.LAST_KNOWN_GOOD);
    }

    /** The first of those that were usable last; drained ones only when there is nothing else. */
    private int lastGood(int[] ranking) {
        int best = -1;
        for (int index : ranking) {
            if (best < 0 || goodness(index) > goodness(best)) {
                best = index;
            }
        }
        return best;
    }

    private long goodness(int index) {
        return clusters.get(index).drained() ? -1 : lastUsable[index];
    }

    /**
     * The leaf of an address; hand it to {@link #choice} and {@link #scope}.
     *
     * @param high the first 64 bits of the address; an IPv4 address stands in the upper half, the rest is zero
     * @param low the last 64 bits, 0 for IPv4
     */
    public int find(boolean isIpv4, long high, long low) {
        return table.find(isIpv4, high, low);
    }

    /** What a leaf's clients get, or null when there is no cluster at all. */
    public @Nullable ClusterChoice choice(int leaf) {
        return choices[PrefixTable.value(leaf)];
    }

    /**
     * How many leading bits of its client's address an answer holds for: never 0, since with 0 a resolver would go on giving everyone
     * the first client's answer after the map has changed (RFC 7871 section 7.3.1).
     */
    public static int scope(int leaf) {
        return Math.max(1, PrefixTable.width(leaf));
    }

    /** All clusters as health sees them, in the order of the configuration. */
    public List<ServingCluster> clusters() {
        return serving;
    }

    /** The decision for a client's address or subnet, with all that went into it. */
    public RoutingDecision explain(IpPrefix client) {
        byte[] address = client.address();
        int leaf = client.isIpv4()
                ? find(true, Addresses.high(address), 0)
                : find(false, Addresses.high(address), Addresses.low(address));
        MapUnit unit = table.unit(leaf);
        @Nullable GeoPoint place = place(unit, address);
        List<RoutingDecision.Candidate> candidates = new ArrayList<>();
        for (int rank = 0; rank < unit.ranking().length; rank++) {
            ServingCluster cluster = serving.get(unit.ranking()[rank]);
            PathSource.@Nullable KnownPath path = paths.find(cluster.cluster().id(), client);
            @Nullable
            Double distance =
                    place == null ? null : place.distanceKm(cluster.cluster().place());
            @Nullable PathMeasurement measured = path == null ? null : path.measurement();
            candidates.add(new RoutingDecision.Candidate(
                    cluster.cluster().id(),
                    distance,
                    path,
                    PathCost.of(distance == null ? PathCost.UNKNOWN : PathCost.guess(distance), measured),
                    PathCost.confidence(measured),
                    rank < unit.covering(),
                    cluster.isUp(),
                    cluster.cluster().drained()));
        }
        @Nullable ClusterChoice choice = choice(leaf);
        return new RoutingDecision(
                client,
                place,
                unit.location(),
                candidates,
                choice == null ? null : choice.cluster().cluster().id(),
                choice == null ? null : choice.reason(),
                choice == null ? List.of() : choice.cluster().nodes(),
                scope(leaf));
    }

    private @Nullable GeoPoint place(MapUnit unit, byte[] address) {
        return switch (unit.location()) {
            case GEO_DATABASE -> places.find(address);
            case COVERAGE -> clusters.get(unit.ranking()[0]).place();
            case NONE -> null;
        };
    }
}
