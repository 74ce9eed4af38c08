package com.kingcdn.redirector.geo;

import com.kingcdn.topology.GeoPoint;
import com.maxmind.db.MaxMindDbConstructor;
import com.maxmind.db.MaxMindDbParameter;
import org.jspecify.annotations.Nullable;

/** A record of the flat schema of the npm packages {@code @ip-location-db}; public for the reader, which makes it by reflection. */
public final class FlatGeoRecord implements GeoRecord {

    private final @Nullable GeoPoint place;

    @MaxMindDbConstructor
    public FlatGeoRecord(
            @MaxMindDbParameter(name = "latitude") @Nullable Float latitude,
            @MaxMindDbParameter(name = "longitude") @Nullable Float longitude,
            @MaxMindDbParameter(name = "country_code") @Nullable String country) {
        GeoPoint exact = GeoRecord.point(latitude, longitude);
        place = exact != null ? exact : CountryCentres.find(country);
    }

    @Override
    public @Nullable GeoPoint place() {
        return place;
    }
}
