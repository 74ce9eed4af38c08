package com.kingcdn.redirector.health;

import com.kingcdn.topology.Capacity;
import org.jspecify.annotations.Nullable;

/**
 * Load, or what there is room for, in the two dimensions in which both are measured.
 *
 * @param megabits a second, sent to clients; endless for room without a limit
 * @param requests a second; endless for room without a limit
 */
record ClusterLoad(double megabits, double requests) {

    static final ClusterLoad NONE = new ClusterLoad(0, 0);
    static final ClusterLoad ENDLESS = new ClusterLoad(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

    /** The room that a limit leaves. */
    static ClusterLoad of(@Nullable Capacity capacity) {
        return capacity == null
                ? ENDLESS
                : new ClusterLoad(limit(capacity.megabitsPerSecond()), limit(capacity.requestsPerSecond()));
    }

    private static double limit(@Nullable Double value) {
        return value == null ? Double.POSITIVE_INFINITY : value;
    }

    ClusterLoad plus(ClusterLoad other) {
        return new ClusterLoad(megabits + other.megabits, requests + other.requests);
    }

    ClusterLoad times(double factor) {
        return factor == 0 ? NONE : new ClusterLoad(megabits * factor, requests * factor);
    }

    /** The narrower of two rooms. */
    ClusterLoad min(ClusterLoad other) {
        return new ClusterLoad(Math.min(megabits, other.megabits), Math.min(requests, other.requests));
    }

    /** How much of a room it takes: 1 when either dimension is full. */
    double utilisation(ClusterLoad room) {
        return Math.max(megabits / room.megabits, requests / room.requests);
    }
}
