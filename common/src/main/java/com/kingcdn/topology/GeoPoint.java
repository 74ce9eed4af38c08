package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A place on Earth, in degrees (WGS 84).
 *
 * @param latitude from -90 (south) to 90 (north)
 * @param longitude from -180 (west) to 180 (east)
 */
public record GeoPoint(
        @JsonProperty(required = true) double latitude, @JsonProperty(required = true) double longitude) {

    private static final double EARTH_RADIUS_KM = 6371.0088;

    public GeoPoint {
        if (!(latitude >= -90 && latitude <= 90)) {
            throw new IllegalArgumentException("latitude " + latitude + " is not between -90 and 90");
        }
        if (!(longitude >= -180 && longitude <= 180)) {
            throw new IllegalArgumentException("longitude " + longitude + " is not between -180 and 180");
        }
    }

    /** The great-circle distance in kilometres, by the haversine formula (exact enough at both ends of its range). */
    public double distanceKm(GeoPoint other) {
        double phi1 = Math.toRadians(latitude);
        double phi2 = Math.toRadians(other.latitude);
        double dPhi = Math.sin((phi2 - phi1) / 2);
        double dLambda = Math.sin(Math.toRadians(other.longitude - longitude) / 2);
        double h = dPhi * dPhi + Math.cos(phi1) * Math.cos(phi2) * dLambda * dLambda;
        return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
    }
}
