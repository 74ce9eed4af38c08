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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What client prefixes, places and coverage are compiled into: address → leaf → map unit, for both address families.
 *
 * <p>Compilation paints four layers: the default order, the places of the geo database (short prefixes first), measurements, then
 * coverage, which puts its cluster before whatever order is there. A client that only coverage knows is taken to stand where the covering cluster does.
 * Cost is of the order of the database; a query costs a few array reads.
 */
public final class RoutingTable {

    private final PrefixTable ipv4;
    private final PrefixTable ipv6;
    private final MapUnit[] units;
    private final RemapRound round;

    private RoutingTable(PrefixTable ipv4, PrefixTable ipv6, MapUnit[] units, RemapRound round) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.units = units;
        this.round = round;
    }

    /**
     * Compiles the table; takes seconds for a city database, so not on a thread that answers queries.
     *
     * @param previous what answered until now, from which no more than a share moves; or null
     */
    static RoutingTable compile(
            List<Cluster> clusters, PlaceSource places, PathSource paths, @Nullable Previous previous) {
        return new Compiler(clusters, places).compile(paths, previous, MeasuredLayer.Damping.DEFAULT);
    }

    /** What a table would come to, after as many rounds as it takes. */
    static RoutingTable rehearse(List<Cluster> clusters, PlaceSource places, PathSource paths, Previous previous) {
        return new Compiler(clusters, places).compile(paths, previous, MeasuredLayer.Damping.NONE);
    }

    /**
     * The table in use.
     *
     * @param renumbered by its own numbers of clusters, their numbers now, or -1
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Previous(RoutingTable table, int[] renumbered) {}

    /** What came of the measurements in it. */
    RemapRound round() {
        return round;
    }

    /** The leaf of an address; see {@link PrefixTable#find}. */
    long find(boolean isIpv4, long high, long low) {
        return isIpv4 ? ipv4.find(high, low) : ipv6.find(high, low);
    }

    MapUnit unit(long leaf) {
        return units[PrefixTable.value(leaf)];
    }

    /** How many runs of equal leaves both families have, the measure of its memory. */
    public int size() {
        return ipv4.size() + ipv6.size();
    }

    private static final class Compiler {

        private record Network(IpPrefix prefix, int unit) {}

        private record Coverage(IpPrefix prefix, int cluster) {}

        private final List<Cluster> clusters;
        private final PlaceSource places;
        private final ClusterRanker ranker;
        private final List<MapUnit> units = new ArrayList<>();
        private final Map<MapUnit, Integer> numbers = new HashMap<>();
        private final Map<GeoPoint, Integer> unitsByPlace = new HashMap<>();

        Compiler(List<Cluster> clusters, PlaceSource places) {
            this.clusters = clusters;
            this.places = places;
            this.ranker = new ClusterRanker(clusters, ClusterCost.DISTANCE);
        }

        RoutingTable compile(PathSource paths, @Nullable Previous previous, MeasuredLayer.Damping damping) {
            int unknown = number(new MapUnit(ranker.defaultOrder(), 0, LocationSource.NONE));
            PrefixTableBuilder ipv4 = new PrefixTableBuilder(unknown);
            PrefixTableBuilder ipv6 = new PrefixTableBuilder(unknown);
            List<Network> networks = new ArrayList<>();
            places.forEach((prefix, place) -> networks.add(new Network(prefix, unit(place))));
            networks.sort(Comparator.comparingInt(network -> network.prefix().length()));
            for (Network network : networks) {
                (network.prefix().isIpv4() ? ipv4 : ipv6).paint(network.prefix(), network.unit());
            }
            RemapRound round = measured(ipv4, ipv6, layer -> layer.rank(paths, previous, damping));
            for (Coverage coverage : coverage()) {
                (coverage.prefix().isIpv4() ? ipv4 : ipv6)
                        .transform(coverage.prefix(), unit -> covered(unit, coverage.cluster()));
            }
            return new RoutingTable(
                    ipv4.compile(this::first), ipv6.compile(this::first), units.toArray(MapUnit[]::new), round);
        }

        /** While it is usable, a unit's first cluster is the answer for all units that begin with it. */
        private int first(int unit) {
            int[] ranking = units.get(unit).ranking();
            return ranking.length == 0 ? clusters.size() : ranking[0];
        }

        private RemapRound measured(PrefixTableBuilder ipv4, PrefixTableBuilder ipv6, Consumer<MeasuredLayer> ranking) {
            if (ranker.defaultOrder().length == 0) {
                return RemapRound.NONE;
            }
            MeasuredLayer layer = new MeasuredLayer(clusters, ranker.defaultOrder(), places);
            ranking.accept(layer);
            for (MeasuredLayer.Ranked prefix : layer.prefixes()) {
                PrefixTableBuilder family = prefix.prefix().isIpv4() ? ipv4 : ipv6;
                int below = family.value(prefix.prefix());
                int[] head = layer.head(prefix, units.get(below));
                if (head != null) {
                    LocationSource location = prefix.placed() ? LocationSource.GEO_DATABASE : LocationSource.NONE;
                    family.paint(prefix.prefix(), number(new MapUnit(ranker.rankFrom(head), 0, location, true)));
                }
            }
            return layer.round();
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
                MapUnit near = new MapUnit(ranker.rank(place), 0, LocationSource.COVERAGE);
                for (int i = below.covering() - 1; i >= 0; i--) {
                    near = near.coveredBy(below.ranking()[i]);
                }
                below = near;
            }
            return number(below.coveredBy(cluster));
        }

        private int unit(GeoPoint place) {
            return unitsByPlace.computeIfAbsent(
                    place, key -> number(new MapUnit(ranker.rank(key), 0, LocationSource.GEO_DATABASE)));
        }

        private int number(MapUnit unit) {
            return numbers.computeIfAbsent(unit, key -> {
                units.add(key);
                return units.size() - 1;
            });
        }
    }
}
