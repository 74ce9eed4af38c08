package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The compiler of a {@link RoutingTable}: paints places over the default order and measurements over places, has neighbours share
 * answers, and puts coverage before all. For one use.
 */
final class TableCompiler {

    private record Coverage(IpPrefix prefix, int cluster) {}

    private final List<Cluster> clusters;
    private final PlaceSource places;
    private final PlaceLayer layer;
    private final SharingTerms terms;
    private final ClusterRanker ranker;
    private final RoutingTable.@Nullable Previous previous;
    private final MapUnits units;
    private final MeasuredPrefixes measured;
    /** Parts of the address space that are measured; those that are not are leaves of the place layer. */
    private final MeasuredLeaves leaves;

    /** Orders for whom only a cluster's coverage knows, by the cluster's place. */
    private final Map<GeoPoint, Ranking> near = new HashMap<>();

    private final PrefixTableBuilder ipv4;
    private final PrefixTableBuilder ipv6;

    /** @param previous the table in use, or null */
    TableCompiler(
            List<Cluster> clusters, PlaceSource places, SharingTerms terms, RoutingTable.@Nullable Previous previous) {
        this.clusters = clusters;
        this.terms = terms;
        this.places = places;
        this.previous = previous;
        @Nullable RoutingTable last = previous == null ? null : previous.table();
        layer = last != null && last.places().isFor(clusters, places, terms)
                ? last.places()
                : new PlaceLayer(clusters, places, terms);
        ranker = layer.ranker();
        units = new MapUnits(last == null ? null : last.units());
        int expected = last == null ? 0 : last.round().prefixes();
        measured = new MeasuredPrefixes(ranker.defaultOrder(), terms.measured(), expected);
        leaves = new MeasuredLeaves(layer.size(), measured, expected);
        ipv4 = layer.trie(true, last == null ? null : last.prefixes(true));
        ipv6 = layer.trie(false, last == null ? null : last.prefixes(false));
    }

    RoutingTable compile(PathSource paths, MeasuredLayer.Damping damping) {
        RemapRound round = measure(paths, damping);
        for (Coverage coverage : coverage()) {
            trie(coverage.prefix()).transform(coverage.prefix(), unit -> covered(unit, coverage.cluster()));
        }
        @Nullable RoutingTable last = previous == null ? null : previous.table();
        return new RoutingTable(
                ipv4.compile(this::first, last == null ? null : last.prefixes(true)),
                ipv6.compile(this::first, last == null ? null : last.prefixes(false)),
                units.complete(),
                layer,
                round);
    }

    private PrefixTableBuilder trie(IpPrefix prefix) {
        return prefix.isIpv4() ? ipv4 : ipv6;
    }

    /** While it is usable, a unit's first cluster is the answer for all units that begin with it. */
    private int first(int unit) {
        int first = units.first(unit);
        return first < 0 ? clusters.size() : first;
    }

    /** Makes units of all leaves. */
    private RemapRound measure(PathSource paths, MeasuredLayer.Damping damping) {
        int[] everybody = ranker.defaultOrder();
        if (everybody.length > 0) {
            new MeasuredLayer(clusters, everybody, places, layer).rank(paths, measured, this::paint);
            if (measured.count() > 0) {
                SharedAnswers answers = new SharedAnswers(new Known(), measured.count(), terms.price());
                answers.add(true, ipv4);
                answers.add(false, ipv6);
                return answers.apply(damping);
            }
        }
        int[] byLeaf = new int[layer.size()];
        for (int leaf = 0; leaf < byLeaf.length; leaf++) {
            byLeaf[leaf] = units.number(layer.unit(leaf));
        }
        for (PrefixTableBuilder trie : List.of(ipv4, ipv6)) {
            trie.rewrite((node, above) -> above, (value, above, high, low, width) -> byLeaf[value]);
        }
        return RemapRound.NONE;
    }

    private void paint(IpPrefix prefix, int number) {
        trie(prefix).transform(prefix, around -> leaves.number(number, around));
    }

    /** Short prefixes first, so that the longest ends up in front; of two equal ones the first cluster does. */
    private List<Coverage> coverage() {
        List<Coverage> result = new ArrayList<>();
        for (int i = 0; i < clusters.size(); i++) {
            if (clusters.get(i).role() == ClusterRole.EDGE) {
                for (IpPrefix prefix : clusters.get(i).coverage()) {
                    result.add(new Coverage(prefix, i));
                }
            }
        }
        result.sort(Comparator.<Coverage>comparingInt(
                        coverage -> coverage.prefix().length())
                .thenComparing(Comparator.comparingInt(Coverage::cluster).reversed()));
        return result;
    }

    private int covered(int unit, int cluster) {
        MapUnit below = units.get(unit);
        if (below.location() != LocationSource.GEO_DATABASE && !below.measured()) {
            GeoPoint place = clusters.get(cluster).place();
            below = below.with(near.computeIfAbsent(place, ranker::rank), LocationSource.COVERAGE);
        }
        return units.number(below.coveredBy(cluster));
    }

    /** What {@link SharedAnswers} has to know of leaves. */
    private final class Known implements SharedAnswers.Values {

        private final boolean[] serves = new boolean[clusters.size()];
        private final GivenUnits given = new GivenUnits(leaves.end());

        Known() {
            for (int index : ranker.defaultOrder()) {
                serves[index] = true;
            }
        }

        @Override
        public Wish wish(int value) {
            return leaves.has(value) ? leaves.wish(value) : layer.wish(value);
        }

        @Override
        public int measured(int value) {
            return leaves.has(value) ? leaves.length(value) : -1;
        }

        @Override
        public int before(boolean isIpv4, long high, long low) {
            if (previous == null) {
                return -1;
            }
            RoutingTable table = previous.table();
            int uncovered = table.units().uncovered(PrefixTable.value(table.find(isIpv4, high, low)));
            int before = uncovered < 0 ? -1 : previous.renumbered()[uncovered];
            return before >= 0 && serves[before] ? before : -1;
        }

        @Override
        public int with(int value, int cluster) {
            int known = given.find(value, cluster);
            if (known < 0) {
                known = make(value, cluster);
                given.put(value, cluster, known);
            }
            return known;
        }

        private int make(int value, int first) {
            if (!leaves.has(value)) {
                MapUnit byPlace = layer.unit(value);
                return units.number(byPlace.ranking().first() == first ? byPlace : byPlace.sharing(first));
            }
            // first, since it may ask for another one's wish
            int around = with(leaves.around(value), first);
            Wish wish = leaves.wish(value);
            boolean shared = wish.loss(first) > PathCost.leastGain(wish.best());
            int[] head = wish.head(first);
            int second = units.size(around) < 2 ? -1 : units.cluster(around, 1);
            if (units.shared(around) == shared && wish.isAsGood(second, head)) {
                return around;
            }
            LocationSource location = leaves.isPlaced(value) ? LocationSource.GEO_DATABASE : LocationSource.NONE;
            return units.number(new MapUnit(ranker.rankFrom(head), location, true, shared));
        }
    }
}
