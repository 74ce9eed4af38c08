package com.kingcdn.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;

class GeoPointTest {

    private static final double HALF_WAY_ROUND_KM = 20_015.12;

    @Example
    void knowsTheWayFromFrankfurtToNewYork() {
        GeoPoint frankfurt = new GeoPoint(50.11, 8.68);
        GeoPoint newYork = new GeoPoint(40.71, -74.01);
        assertThat(frankfurt.distanceKm(newYork)).isCloseTo(6201, within(15.0));
        assertThat(new GeoPoint(90, 0).distanceKm(new GeoPoint(-90, 77))).isCloseTo(HALF_WAY_ROUND_KM, within(0.01));
    }

    @Property
    void distanceIsAMetric(
            @ForAll @DoubleRange(min = -90, max = 90) double latitude,
            @ForAll @DoubleRange(min = -180, max = 180) double longitude,
            @ForAll @DoubleRange(min = -90, max = 90) double otherLatitude,
            @ForAll @DoubleRange(min = -180, max = 180) double otherLongitude) {
        GeoPoint one = new GeoPoint(latitude, longitude);
        GeoPoint two = new GeoPoint(otherLatitude, otherLongitude);
        assertThat(one.distanceKm(one)).isZero();
        assertThat(one.distanceKm(two)).isBetween(0.0, HALF_WAY_ROUND_KM).isCloseTo(two.distanceKm(one), within(1e-6));
    }

    @Example
    void refusesWhatIsNotOnEarth() {
        assertThatThrownBy(() -> new GeoPoint(90.1, 0)).hasMessageContaining("latitude 90.1");
        assertThatThrownBy(() -> new GeoPoint(0, -181)).hasMessageContaining("longitude -181");
        assertThatThrownBy(() -> new GeoPoint(Double.NaN, 0)).hasMessageContaining("latitude NaN");
    }
}
