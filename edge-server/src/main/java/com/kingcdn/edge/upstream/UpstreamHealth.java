package com.kingcdn.edge.upstream;

import com.kingcdn.topology.OriginEndpoint;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What real requests have shown of each endpoint: passive health, since it costs origins nothing and sees what clients see.
 *
 * <p>It orders endpoints and never forbids one: with all of them down a request still goes to one.
 */
final class UpstreamHealth {

    /** Endpoints come from configuration, so this is reached only by years of changing it. */
    private static final int LIMIT = 10_000;

    /** Only endpoints with failures; a good one needs no memory. */
    private final ConcurrentMap<OriginEndpoint, EndpointHealth> states = new ConcurrentHashMap<>();

    EndpointHealth of(OriginEndpoint endpoint) {
        return states.getOrDefault(endpoint, EndpointHealth.GOOD);
    }

    void succeeded(OriginEndpoint endpoint) {
        if (!states.isEmpty()) {
            states.remove(endpoint);
        }
    }

    void failed(OriginEndpoint endpoint, long nowMillis) {
        if (states.size() >= LIMIT) {
            states.clear();
        }
        states.merge(endpoint, EndpointHealth.GOOD.failed(nowMillis), (before, first) -> before.failed(nowMillis));
    }

    /** How many endpoints are left alone now. */
    int down(long nowMillis) {
        return (int) states.values().stream()
                .filter(health -> !health.isUp(nowMillis))
                .count();
    }
}
