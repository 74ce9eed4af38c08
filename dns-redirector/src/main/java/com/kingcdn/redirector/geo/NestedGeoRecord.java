package com.kingcdn.redirector.geo;

import com.kingcdn.topology.GeoPoint;
import com.maxmind.db.MaxMindDbConstructor;
import com.maxmind.db.MaxMindDbParameter;
import org.jspecify.annotations.Nullable;

/** A record of MaxMind's City and Country schema; public for the reader, which makes it by reflection. */
public final class NestedGeoRecord implements GeoRecord {

    private final @Nullable GeoPoint place;

    @MaxMindDbConstructor
    public NestedGeoRecord(
            @MaxMindDbParameter(name = "location") @Nullable Location location,
            @MaxMindDbParameter(name = "country") @Nullable Country country,
            @MaxMindDbParameter(name = "registered_country") @Nullable Country registered) {
        GeoPoint exact = location == null ? null : GeoRecord.point(location.latitude, location.longitude);
        GeoPoint inCountry = exact != null || country == null ? exact : CountryCentres.find(country.code);
        place = inCountry != null || registered == null ? inCountry : CountryCentres.find(registered.code);
    }

    @Override
    public @Nullable GeoPoint place() {
        return place;
    }

    /** The coordinates of a record. */
    public static final class Location {
        final @Nullable Double latitude;
        final @Nullable Double longitude;

        @MaxMindDbConstructor
        public Location(
                @MaxMindDbParameter(name = "latitude") @Nullable Double latitude,
                @MaxMindDbParameter(name = "longitude") @Nullable Double longitude) {
            this.latitude = latitude;
            this.longitude = longitude;
        }
    }

    /** The country of a record. */
    public static final class Country {
        final @Nullable String code;

        @MaxMindDbConstructor
        public Country(@MaxMindDbParameter(name = "iso_code") @Nullable String code) {
            this.code = code;
        }
    }
}
