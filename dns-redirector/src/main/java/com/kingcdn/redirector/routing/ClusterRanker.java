package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterKind;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.GeoPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The order in which the clusters that serve everybody are tried for a place.
 *
 * <p>The first {@value #EXACT} are the cheapest for the place itself; those after them are ordered by their cost from the first one. So
 * the number of different orders grows with the clusters and not with the places, neighbouring networks share one, and ECS scopes stay
 * wide. A client that falls past its three cheapest clusters is served by whatever is near them. Safe for several threads.
 */
final class ClusterRanker {

    static final int EXACT = 3;

    private final List<Cluster> clusters;
    private final ClusterCost cost;
    private final int[] everybody;
    /** Whole orders by distance, by the place of the cluster that they begin with. */
    private final Map<GeoPoint, int[]> near = new ConcurrentHashMap<>();

    /** @param clusters all clusters; a ranking holds indexes into this list */
    ClusterRanker(List<Cluster> clusters, ClusterCost cost) {
        this.clusters = clusters;
        this.cost = cost;
        this.everybody = everybody(clusters);
    }

    private static int[] everybody(List<Cluster> clusters) {
        List<Integer> edges = new ArrayList<>();
        List<Integer> bringHome = new ArrayList<>();
        for (int i = 0; i < clusters.size(); i++) {
            if (clusters.get(i).role() == ClusterRole.EDGE) {
                edges.add(i);
                if (clusters.get(i).kind() == ClusterKind.BRING_HOME) {
                    bringHome.add(i);
                }
            }
        }
        // a CDN of enter-deep clusters alone still gives strangers an answer
        return (bringHome.isEmpty() ? edges : bringHome)
                .stream().mapToInt(Integer::intValue).toArray();
    }

    /** The order for a client whose place is not known: that of the configuration. */
    int[] defaultOrder() {
        return everybody;
    }

    /** The order for a place. */
    Ranking rank(GeoPoint place) {
        int[] nearest = Arrays.copyOf(sorted(place), Math.min(EXACT, everybody.length));
        return nearest.length == 0 ? new Ranking(nearest, everybody) : rankFrom(nearest);
    }

    /** The order that begins with these clusters, and goes on with those near the first of them. */
    Ranking rankFrom(int[] head) {
        GeoPoint place = clusters.get(head[0]).place();
        int[] known = near.get(place);
        return new Ranking(head, known != null ? known : near.computeIfAbsent(place, this::sorted));
    }

    private int[] sorted(GeoPoint place) {
        record Costed(int index, double cost) {}
        List<Costed> order = new ArrayList<>(everybody.length);
        for (int index : everybody) {
            order.add(new Costed(index, cost.cost(place, clusters.get(index))));
        }
        order.sort(Comparator.comparingDouble(Costed::cost).thenComparingInt(Costed::index));
        return order.stream().mapToInt(Costed::index).toArray();
    }
}
