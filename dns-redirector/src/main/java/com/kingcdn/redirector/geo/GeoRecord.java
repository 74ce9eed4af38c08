package com.kingcdn.redirector.geo;

import com.kingcdn.topology.GeoPoint;
import org.jspecify.annotations.Nullable;

/** One record of a MaxMind DB, reduced to a place. */
sealed interface GeoRecord permits NestedGeoRecord, FlatGeoRecord {

    /** The place, or null when the record has none. */
    @Nullable
    GeoPoint place();

    /** The point of a pair of coordinates, or null when one is absent or out of range. */
    static @Nullable GeoPoint point(@Nullable Number latitude, @Nullable Number longitude) {
        if (latitude == null
                || longitude == null
                || !(Math.abs(latitude.doubleValue()) <= 90)
                || !(Math.abs(longitude.doubleValue()) <= 180)) {
            return null;
        }
        return new GeoPoint(latitude.doubleValue(), longitude.doubleValue());
    }
}
