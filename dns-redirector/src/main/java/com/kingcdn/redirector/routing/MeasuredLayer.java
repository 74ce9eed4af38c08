package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import java.util.function.ObjIntConsumer;
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

    private final List<Cluster> clusters;
    private final int[] everybody;
    private final PlaceSource places;
    private final PlaceLayer layer;

    /** @param everybody indexes of the clusters that serve everybody; at least one */
    MeasuredLayer(List<Cluster> clusters, int[] everybody, PlaceSource places, PlaceLayer layer) {
        this.clusters = clusters;
        this.everybody = everybody;
        this.places = places;
        this.layer = layer;
    }

    /**
     * Adds all that is known of measured prefixes.
     *
     * @param painter is told of each prefix and its number, covering ones before those they cover
     */
    void rank(PathSource paths, MeasuredPrefixes ranked, ObjIntConsumer<IpPrefix> painter) {
        Guesses guessed = Guesses.of(layer, everybody.length);
        float[] costs = new float[everybody.length];
        paths.forEach(clusters.stream().map(Cluster::id).toList(), (prefix, measured) -> {
            @Nullable GeoPoint place = places.find(prefix.address());
            float[] guess = place == null ? null : guessed.at(place);
            for (int i = 0; i < costs.length; i++) {
                costs[i] = (float) PathCost.of(guess == null ? PathCost.UNKNOWN : guess[i], measured, everybody[i]);
            }
            painter.accept(prefix, ranked.add(prefix.length(), costs, place != null));
        });
    }
}
