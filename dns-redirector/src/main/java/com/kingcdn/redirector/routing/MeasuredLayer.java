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
 * The layer of the routing table that measurements make over geography: for each measured prefix, which cluster comes first.
 *
 * <p>Moves are damped thrice. A prefix stays with its cluster unless another one is clearly cheaper ({@link PathCost#leastGain}). A
 * prefix that has had no cluster of its own stays with that of the prefix around it in the same way, so scopes stay wide. And of those
 * that are worth it only the most worthwhile move in one round, a set share; the others follow in the next.
 */
final class MeasuredLayer {

    /** So many of the cheapest clusters are known for each prefix; one that is not among them is too dear. */
    private static final int KNOWN = 8;

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

    /** One prefix: its cheapest clusters and what they cost; where it was, and what that would cost. */
    @SuppressWarnings("ArrayRecordComponent")
    record Ranked(IpPrefix prefix, int[] clusters, float[] costs, int before, double costBefore, boolean placed) {

        double gain() {
            return costBefore - costs[0];
        }

        boolean wantsToMove() {
            return before >= 0 && before != clusters[0] && gain() > PathCost.leastGain(costBefore);
        }

        double cost(int cluster) {
            for (int i = 0; i < clusters.length; i++) {
                if (clusters[i] == cluster) {
                    return costs[i];
                }
            }
            return Double.POSITIVE_INFINITY;
        }

        /** Whether it is not worth a move from this cluster to one of that cost; a tolerance below 1 asks for more. */
        boolean isAsGood(int cluster, double cost, double tolerance) {
            double own = cost(cluster);
            return own < Double.POSITIVE_INFINITY && own - cost <= tolerance * PathCost.leastGain(own);
        }
    }

    private final List<Cluster> clusters;
    private final int[] everybody;
    private final PlaceSource places;
    private final Map<GeoPoint, float[]> guesses = new HashMap<>();
    private final List<Ranked> ranked = new ArrayList<>();
    private double leastGain;
    private int wanting;
    private int spare;
    private int moved;

    /** @param everybody indexes of the clusters that serve everybody */
    MeasuredLayer(List<Cluster> clusters, int[] everybody, PlaceSource places) {
        this.clusters = clusters;
        this.everybody = everybody;
        this.places = places;
    }

    /**
     * Ranks the clusters for each measured prefix.
     *
     * @param previous the table in use, or null
     */
    void rank(PathSource paths, RoutingTable.@Nullable Previous previous, Damping damping) {
        paths.forEach(clusters.stream().map(Cluster::id).toList(), (prefix, measured) -> {
            int before = previous == null ? -1 : first(previous, prefix);
            ranked.add(rank(prefix, measured, before));
        });
        double[] gains = ranked.stream()
                .filter(Ranked::wantsToMove)
                .mapToDouble(Ranked::gain)
                .sorted()
                .toArray();
        int limit = damping.limit(ranked.size());
        wanting = gains.length;
        leastGain = wanting <= limit ? 0 : gains[wanting - limit];
        spare = Math.max(0, limit - wanting);
    }

    private static int first(RoutingTable.Previous previous, IpPrefix prefix) {
        byte[] address = prefix.address();
        RoutingTable table = previous.table();
        MapUnit unit = table.unit(
                table.find(prefix.isIpv4(), Addresses.high(address), prefix.isIpv4() ? 0 : Addresses.low(address)));
        return unit.ranking().length <= unit.covering() ? -1 : previous.renumbered()[unit.ranking()[unit.covering()]];
    }

    private Ranked rank(IpPrefix prefix, @Nullable PathMeasurement[] measured, int before) {
        @Nullable GeoPoint place = places.find(prefix.address());
        float[] guess = place == null ? null : guesses.computeIfAbsent(place, this::guesses);
        int[] best = new int[Math.min(KNOWN, everybody.length)];
        float[] costs = new float[best.length];
        int known = 0;
        double costBefore = Double.POSITIVE_INFINITY;
        for (int i = 0; i < everybody.length; i++) {
            int cluster = everybody[i];
            float cost = (float) PathCost.of(guess == null ? PathCost.UNKNOWN : guess[i], measured[cluster]);
            if (cluster == before) {
                costBefore = cost;
            }
            if (known == best.length && cost >= costs[known - 1]) {
                continue;
            }
            int at = known < best.length ? known++ : known - 1;
            for (; at > 0 && costs[at - 1] > cost; at--) {
                costs[at] = costs[at - 1];
                best[at] = best[at - 1];
            }
            costs[at] = cost;
            best[at] = cluster;
        }
        boolean stays = costBefore < Double.POSITIVE_INFINITY;
        return new Ranked(prefix, best, costs, stays ? before : -1, costBefore, place != null);
    }

    private float[] guesses(GeoPoint place) {
        float[] result = new float[everybody.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float)
                    PathCost.guess(place.distanceKm(clusters.get(everybody[i]).place()));
        }
        return result;
    }

    /** The measured prefixes, covering ones before those they cover. */
    List<Ranked> prefixes() {
        return ranked;
    }

    /** What has come of the round, once all prefixes have their head. */
    RemapRound round() {
        return new RemapRound(ranked.size(), moved, Math.max(0, wanting - moved));
    }

    /**
     * The first clusters of a prefix, or null when the unit around it does as well. To be asked for each of {@link #prefixes()}, in
     * their order.
     *
     * @param around what the prefix would be answered by without measurements of its own
     */
    int @Nullable [] head(Ranked prefix, MapUnit around) {
        int[] order = around.ranking();
        int next = order.length == 0 ? -1 : order[0];
        int first = first(prefix, next);
        if (prefix.before() >= 0 && first != prefix.before()) {
            moved++;
        }
        int[] rest =
                Arrays.stream(prefix.clusters()).filter(index -> index != first).toArray();
        if (first == next
                && (rest.length == 0 || order.length < 2 || prefix.isAsGood(order[1], prefix.cost(rest[0]), 1))) {
            return null;
        }
        int[] head = new int[Math.min(ClusterRanker.EXACT, rest.length + 1)];
        head[0] = first;
        System.arraycopy(rest, 0, head, 1, head.length - 1);
        return head;
    }

    private int first(Ranked prefix, int around) {
        double best = prefix.costs()[0];
        if (prefix.before() < 0 || (prefix.wantsToMove() && prefix.gain() >= leastGain)) {
            return prefix.isAsGood(around, best, 1) ? around : prefix.clusters()[0];
        }
        // one that has gone its own way comes back when that gains little more, not as soon as it gains too little to
        // leave
        if (around != prefix.before() && spare > 0 && prefix.isAsGood(around, best, 0.5)) {
            spare--;
            return around;
        }
        return prefix.before();
    }
}
