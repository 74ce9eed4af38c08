package com.kingcdn.topology;

import org.jspecify.annotations.Nullable;

/**
 * The most that shall be asked of something: load above it goes elsewhere.
 *
 * @param megabitsPerSecond sent to clients, above 0; null for no limit
 * @param requestsPerSecond answered, above 0; null for no limit
 */
public record Capacity(@Nullable Double megabitsPerSecond, @Nullable Double requestsPerSecond) {

    public Capacity {
        check("megabitsPerSecond", megabitsPerSecond);
        check("requestsPerSecond", requestsPerSecond);
    }

    private static void check(String key, @Nullable Double value) {
        if (value != null && !(value > 0 && value <= 1e12)) {
            throw new IllegalArgumentException(key + " must be above 0 and at most 1e12, not " + value);
        }
    }
}
