package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The layer of the routing table that geography makes: address → leaf, and for each leaf a place with its map unit and its wish. It is kept
 * from one compilation to the next, since it takes most of the time and changes only with the geo database and the clusters. Safe for
 * several threads.
 */
final class PlaceLayer {

    private record Network(IpPrefix prefix, int leaf) {}

    private final List<List<Object>> standing;
    private final List<Cluster> clusters;
    private final PlaceSource places;
    private final SharingTerms terms;
    private final int[] everybody;
    private final PrefixTableBuilder ipv4 = new PrefixTableBuilder(0);
    private final PrefixTableBuilder ipv6 = new PrefixTableBuilder(0);
    /** By leaf; that of the first one, which is where nothing is known, is null. */
    private final List<@Nullable GeoPoint> placeOf = new ArrayList<>();

    private final List<MapUnit> units = new ArrayList<>();
    /** By leaf, when it was first asked for. */
    private final AtomicReferenceArray<@Nullable Wish> wishes;

    private final ClusterRanker ranker;

    PlaceLayer(List<Cluster> clusters, PlaceSource places, SharingTerms terms) {
        this.clusters = clusters;
        this.terms = terms;
        this.places = places;
        this.standing = standing(clusters);
        ranker = new ClusterRanker(clusters, ClusterCost.DISTANCE);
        everybody = ranker.defaultOrder();
        add(null, new MapUnit(new Ranking(new int[0], everybody), LocationSource.NONE));
        Map<GeoPoint, Integer> leaves = new HashMap<>();
        Map<MapUnit, MapUnit> same = new HashMap<>();
        List<Network> networks = new ArrayList<>();
        places.forEach((prefix, place) -> {
            Integer leaf = leaves.get(place);
            if (leaf == null) {
                MapUnit unit = new MapUnit(ranker.rank(place), LocationSource.GEO_DATABASE);
                leaf = add(place, same.computeIfAbsent(unit, key -> key));
                leaves.put(place, leaf);
            }
            networks.add(new Network(prefix, leaf));
        });
        networks.sort(Comparator.comparingInt(network -> network.prefix().length()));
        for (Network network : networks) {
            (network.prefix().isIpv4() ? ipv4 : ipv6).paint(network.prefix(), network.leaf());
        }
        wishes = new AtomicReferenceArray<>(units.size());
    }

    private int add(@Nullable GeoPoint place, MapUnit unit) {
        placeOf.add(place);
        units.add(unit);
        return units.size() - 1;
    }

    private static List<List<Object>> standing(List<Cluster> clusters) {
        return clusters.stream()
                .map(cluster -> List.<Object>of(cluster.place(), cluster.kind(), cluster.role()))
                .toList();
    }

    /** Whether it would be the same for these. */
    boolean isFor(List<Cluster> others, PlaceSource otherPlaces, SharingTerms otherTerms) {
        return places == otherPlaces && terms.equals(otherTerms) && standing.equals(standing(others));
    }

    /** How many leaves there are. */
    int size() {
        return units.size();
    }

    /** Orders of these clusters. */
    ClusterRanker ranker() {
        return ranker;
    }

    /**
     * Which leaf each address has; a copy.
     *
     * @param like a table that was compiled from such a one before, or null
     */
    PrefixTableBuilder trie(boolean isIpv4, @Nullable PrefixTable like) {
        return (isIpv4 ? ipv4 : ipv6).copy(like);
    }

    MapUnit unit(int leaf) {
        return units.get(leaf);
    }

    /** What the clients of a leaf would have of whom nothing is measured. Only for layers with clusters that serve everybody. */
    Wish wish(int leaf) {
        @Nullable Wish known = wishes.get(leaf);
        if (known == null) {
            GeoPoint place = placeOf.get(leaf);
            known = place == null
                    ? Wish.of(new int[] {everybody[0]}, new float[] {(float) PathCost.UNKNOWN}, Wish.Tolerance.NONE)
                    : Wish.of(everybody, guesses(place), terms.guessed());
            wishes.set(leaf, known);
        }
        return known;
    }

    /** What clusters that serve everybody are guessed to cost for clients at a place, in their default order; in milliseconds. */
    float[] guesses(GeoPoint place) {
        float[] result = new float[everybody.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float)
                    PathCost.guess(place.distanceKm(clusters.get(everybody[i]).place()));
        }
        return result;
    }
}
