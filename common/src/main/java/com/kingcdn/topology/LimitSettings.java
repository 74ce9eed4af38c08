package com.kingcdn.topology;

import org.jspecify.annotations.Nullable;

/**
 * How much of an edge node a distribution and its clients may have; each edge counts by itself.
 *
 * @param total over all clients; no limit when left out
 * @param perClient for each client prefix, a /24 of IPv4 or a /56 of IPv6; no limit when left out
 */
public record LimitSettings(@Nullable RequestLimit total, @Nullable RequestLimit perClient) {

    public LimitSettings {
        if (total == null && perClient == null) {
            throw new IllegalArgumentException("limits needs total, perClient or both");
        }
    }
}
