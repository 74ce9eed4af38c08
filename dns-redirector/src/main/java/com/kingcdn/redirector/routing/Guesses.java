package com.kingcdn.redirector.routing;

import com.kingcdn.topology.GeoPoint;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What clusters are guessed to cost for clients at the places that a compilation has met so far. Bounded: with a large geo database a hundred
 * thousand measured prefixes may have almost as many places. Nothing is kept for those that come when it is full. Not thread-safe.
 */
final class Guesses {

    /** 16 MB of costs: 20,000 places times 200 clusters. */
    private static final int MOST_COSTS = 1 << 22;

    private final PlaceLayer layer;
    private final int most;
    private final Map<GeoPoint, float[]> known = new HashMap<>();

    /** @param clusters how many serve everybody, at least one */
    static Guesses of(PlaceLayer layer, int clusters) {
        return new Guesses(layer, MOST_COSTS / clusters);
    }

    /** @param most so many places are kept */
    Guesses(PlaceLayer layer, int most) {
        this.layer = layer;
        this.most = most;
    }

    /** As {@link PlaceLayer#guesses}; not to be changed. */
    float[] at(GeoPoint place) {
        float @Nullable [] kept = known.get(place);
        if (kept != null) {
            return kept;
        }
        float[] made = layer.guesses(place);
        if (known.size() < most) {
            known.put(place, made);
        }
        return made;
    }
}
