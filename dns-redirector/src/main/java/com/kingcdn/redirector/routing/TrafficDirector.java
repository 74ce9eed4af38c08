package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The choice of a cluster for a client: a routing table, and over it which clusters are usable now and how full they are.
 *
 * <p>A query costs one table look-up and a walk over the first clusters of the map unit found. A change of health or load costs no
 * compilation: it makes new choosers, one for each placement, of the size of the list of clusters. Immutable.
 */
public final class TrafficDirector {

    /** The placement of distributions that have none of their own: all clusters. */
    public static final int EVERYWHERE = 0;

    private final RoutingInputs inputs;
    private final RoutingTable table;
    private final ServingClusters serving;
    private final Shedding shedding;
    /** Numbers of the placements of distributions that have one. */
    private final Map<String, Integer> placements;

    private final ClusterChooser[] choosers;

    private TrafficDirector(RoutingInputs inputs, RoutingTable table, ServingClusters serving, Shedding shedding) {
        this.inputs = inputs;
        this.table = table;
        this.serving = serving;
        this.shedding = shedding;
        this.placements = new HashMap<>();
        this.choosers = choosers();
    }

    /**
     * Compiles a table and chooses from it.
     *
     * @param upNodes ids of the edge nodes that are up; nodes of clusters whose health is assumed are up anyway
     * @param previous what answered until now, whose table is kept if it would be the same, and from which clusters that were up last
     *     are known, and who sheds load; or null
     */
    public static TrafficDirector compile(
            RoutingInputs inputs, Set<String> upNodes, @Nullable TrafficDirector previous) {
        RoutingTable table = previous != null
                        && previous.inputs.places() == inputs.places()
                        && previous.inputs.paths() == inputs.paths()
                        && sameTable(previous.inputs.clusters(), inputs.clusters())
                ? previous.table
                : RoutingTable.compile(
                        inputs.clusters(),
                        inputs.places(),
                        inputs.paths(),
                        previous == null ? null : previous.table(inputs.clusters()));
        return new TrafficDirector(
                inputs,
                table,
                ServingClusters.of(
                        inputs.clusters(),
                        upNodes,
                        previous == null ? null : previous.serving,
                        previous == null ? 0 : previous.serving.nowMillis()),
                previous == null ? Shedding.NONE : previous.shedding);
    }

    /** One compiled from nothing on other terms than the default ones, all nodes of assumed health up. */
    static TrafficDirector compile(RoutingInputs inputs, SharingTerms terms) {
        RoutingTable table = RoutingTable.compile(inputs.clusters(), inputs.places(), inputs.paths(), terms, null);
        return new TrafficDirector(
                inputs, table, ServingClusters.of(inputs.clusters(), Set.of(), null, 0), Shedding.NONE);
    }

    /**
     * The same table with other nodes up.
     *
     * @param nowMillis when they were found to be, by one monotonic clock
     */
    public TrafficDirector withHealth(Set<String> upNodes, long nowMillis) {
        return withHealth(upNodes, nowMillis, this);
    }

    /**
     * The same, going on from what another one knows of who was up last and who sheds load.
     *
     * @param last the one in use
     */
    public TrafficDirector withHealth(Set<String> upNodes, long nowMillis, TrafficDirector last) {
        return new TrafficDirector(
                inputs, table, ServingClusters.of(inputs.clusters(), upNodes, last.serving, nowMillis), last.shedding);
    }

    /** The same table with other clusters full. */
    public TrafficDirector withShedding(Shedding now) {
        return new TrafficDirector(inputs, table, serving, now);
    }

    private ClusterChooser[] choosers() {
        ClusterChooser.Choices choices = new ClusterChooser.Choices(serving);
        List<ClusterChooser> result = new ArrayList<>();
        result.add(new ClusterChooser(
                serving,
                choices,
                null,
                shares(cluster -> shedding.of(cluster.cluster().id()))));
        for (Distribution distribution : inputs.distributions()) {
            if (distribution.placement() != null) {
                placements.put(distribution.id(), result.size());
                List<String> ids = distribution.placement().clusters();
                result.add(new ClusterChooser(
                        serving,
                        choices,
                        ids.isEmpty() ? null : indexes(ids),
                        shares(cluster -> shedding.of(cluster.cluster().id(), distribution.id()))));
            }
        }
        return result.toArray(ClusterChooser[]::new);
    }

    private int[] indexes(List<String> ids) {
        List<Cluster> clusters = inputs.clusters();
        int[] all = new int[clusters.size()];
        int count = 0;
        for (int i = 0; i < all.length; i++) {
            if (ids.contains(clusters.get(i).id())) {
                all[count++] = i;
            }
        }
        return Arrays.copyOf(all, count);
    }

    private ShedShare[] shares(Function<ServingCluster, ShedShare> share) {
        return serving.all().stream().map(share).toArray(ShedShare[]::new);
    }

    /** The table in use, for another list of clusters. */
    private RoutingTable.Previous table(List<Cluster> now) {
        Map<String, Integer> numbers = new HashMap<>();
        for (int i = 0; i < now.size(); i++) {
            numbers.put(now.get(i).id(), i);
        }
        return new RoutingTable.Previous(
                table,
                inputs.clusters().stream()
                        .mapToInt(cluster -> numbers.getOrDefault(cluster.id(), -1))
                        .toArray());
    }

    /**
     * What other clusters and distributions would move, after as many rounds as it takes, load left aside. Nodes that are not known to be
     * down count as up. What moves in the next rounds without them is not among it.
     *
     * @param distribution whose placement counts; one that is unknown is everywhere
     */
    public List<MapDiff.Move> rehearse(List<Cluster> clusters, List<Distribution> distributions, String distribution) {
        RoutingInputs then = new RoutingInputs(clusters, distributions, inputs.places(), inputs.paths());
        boolean isSame = sameTable(inputs.clusters(), clusters);
        TrafficDirector settled = isSame ? this : settled();
        RoutingTable rehearsed = isSame
                ? table
                : RoutingTable.rehearse(clusters, inputs.places(), inputs.paths(), settled.table(clusters));
        Set<String> up = new HashSet<>();
        clusters.forEach(cluster -> cluster.nodes().forEach(node -> up.add(node.id())));
        for (ServingCluster cluster : serving.all()) {
            for (EdgeNode node : cluster.cluster().nodes()) {
                if (!cluster.isUp() || !cluster.nodes().contains(node)) {
                    up.remove(node.id());
                }
            }
        }
        TrafficDirector after = new TrafficDirector(
                then, rehearsed, ServingClusters.of(clusters, up, serving, serving.nowMillis()), Shedding.NONE);
        return MapDiff.of(settled, after, distribution);
    }

    /** After as many rounds as it takes. */
    private TrafficDirector settled() {
        RoutingTable rehearsed =
                RoutingTable.rehearse(inputs.clusters(), inputs.places(), inputs.paths(), table(inputs.clusters()));
        return new TrafficDirector(inputs, rehearsed, serving, Shedding.NONE);
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

    /**
     * The place of an address in the map.
     *
     * @param high the first 64 bits of the address; an IPv4 address stands in the upper half, the rest is zero
     * @param low the last 64 bits, 0 for IPv4
     */
    public ClientRoute route(boolean isIpv4, long high, long low) {
        long leaf = table.find(isIpv4, high, low);
        return new ClientRoute(this, leaf, isIpv4, high);
    }

    /** The leaf of an address, for {@link #choice} and {@link #scope}: what {@link #route} finds, with nothing allocated. */
    public long leaf(boolean isIpv4, long high, long low) {
        return table.find(isIpv4, high, low);
    }

    /**
     * The cluster for a client, or null when there is no cluster at all.
     *
     * @param leaf of the client's address
     * @param high the first 64 bits of that
     * @param placement of the distribution, see {@link #placement}
     */
    public @Nullable ClusterChoice choice(long leaf, boolean isIpv4, long high, int placement) {
        return choosers[placement].choose(table.units(), PrefixTable.value(leaf), isIpv4, high);
    }

    /**
     * How many leading bits of the client's address a choice holds for: the widest prefix with the same answer. Never 0, since with 0 a
     * resolver would go on giving everyone the first client's answer after the map has changed (RFC 7871 section 7.3.1).
     */
    public static int scope(long leaf, boolean isIpv4, ClusterChoice choice) {
        int width = choice.first() ? PrefixTable.scope(leaf) : PrefixTable.width(leaf);
        return Math.max(choice.split() ? ClientBlock.width(isIpv4) : 1, width);
    }

    /** The place of a client's first address in the map. */
    public ClientRoute route(IpPrefix client) {
        byte[] address = client.address();
        return route(client.isIpv4(), Addresses.high(address), Addresses.low(address));
    }

    /** The number under which routes know the placement of a distribution. */
    public int placement(String distribution) {
        return placements.getOrDefault(distribution, EVERYWHERE);
    }

    MapUnit unit(long leaf) {
        return table.units().get(PrefixTable.value(leaf));
    }

    ClusterChooser chooser(int placement) {
        return choosers[placement];
    }

    RoutingInputs inputs() {
        return inputs;
    }

    /** All clusters as health sees them, in the order of the configuration. */
    public List<ServingCluster> clusters() {
        return serving.all();
    }

    /** Who sheds load in these choices. */
    public Shedding shedding() {
        return shedding;
    }

    /** The decision for a client's address or subnet, with all that went into it; for no distribution in particular. */
    public RoutingDecision explain(IpPrefix client) {
        return explain(client, "");
    }

    /** The decision for a client's address or subnet and a distribution, with all that went into it. */
    public RoutingDecision explain(IpPrefix client, String distribution) {
        ClientRoute route = route(client);
        int placement = placement(distribution);
        return new DecisionExplainer(inputs, serving, shedding)
                .explain(client, distribution, route, chooser(placement), route.choice(placement));
    }
}
