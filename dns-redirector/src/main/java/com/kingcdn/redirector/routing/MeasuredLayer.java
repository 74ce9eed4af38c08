package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The layer of the routing table that measurements make over geography: for each measured prefix, the cheapest clusters.
 */
final class MeasuredLayer {

    /**
     * What a round may change.
     *
     * @param share of the measured prefixes that may move
     * @param atLeast so many may move, however few there are
     */
    record Damping(double share, int atLeast) {

        static final Damping DEFAULT = new Damping(0.05, 100);

        static final Damping NONE = new Damping(1, Integer.MAX_VALUE);

        int limit(int prefixes) {
            return (int) Math.max(atLeast, Math.ceil(share * prefixes));
        }
    }

    /** @param placed whether its place is known */
    record Ranked(IpPrefix prefix, Wish wish, boolean placed) {

        /** The first clusters of its order, of which one is given. */
        int[] head(int first) {
            int[] rest = Arrays.stream(wish.clusters())
                    .filter(index -> index != first)
                    .toArray();
            int[] head = new int[Math.min(ClusterRanker.EXACT, rest.length + 1)];
            head[0] = first;
            System.arraycopy(rest, 0, head, 1, head.length - 1);
            return head;
        }

        /** Whether an order that begins with the same cluster does as well when that one is down. */
        boolean isAsGood(Ranking order, int[] head) {
            if (head.length < 2 || order.size() < 2) {
                return true;
            }
            double cost = wish.best() + wish.loss(order.get(1));
            return cost < Double.POSITIVE_INFINITY
                    && cost - wish.best() - wish.loss(head[1]) <= PathCost.leastGain(cost);
        }
    }

    private final List<Cluster> clusters;
    private final int[] everybody;
    private final PlaceSource places;
    private final PlaceLayer guesses;

    /** @param everybody indexes of the clusters that serve everybody; at least one */
    MeasuredLayer(List<Cluster> clusters, int[] everybody, PlaceSource places, PlaceLayer guesses) {
        this.clusters = clusters;
        this.everybody = everybody;
        this.places = places;
        this.guesses = guesses;
    }

    /** The measured prefixes, covering ones before those they cover. */
    List<Ranked> rank(PathSource paths, Wish.Tolerance tolerance) {
        List<Ranked> ranked = new ArrayList<>();
        Map<GeoPoint, float[]> guessed = new HashMap<>();
        float[] costs = new float[everybody.length];
        paths.forEach(clusters.stream().map(Cluster::id).toList(), (prefix, measured) -> {
            @Nullable GeoPoint place = places.find(prefix.address());
            float[] guess = place == null ? null : guessed.computeIfAbsent(place, guesses::guesses);
            for (int i = 0; i < costs.length; i++) {
                costs[i] = (float) PathCost.of(guess == null ? PathCost.UNKNOWN : guess[i], measured, everybody[i]);
            }
            ranked.add(new Ranked(prefix, Wish.of(everybody, costs, tolerance), place != null));
        });
        return ranked;
    }
}
