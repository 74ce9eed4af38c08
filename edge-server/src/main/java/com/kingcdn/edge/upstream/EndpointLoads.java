package com.kingcdn.edge.upstream;

import com.kingcdn.topology.OriginEndpoint;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How many requests are under way to each endpoint, from this edge. */
final class EndpointLoads {

    /** Endpoints come from configuration, as many as that has had. */
    private final ConcurrentMap<OriginEndpoint, AtomicInteger> loads = new ConcurrentHashMap<>();

    int of(OriginEndpoint endpoint) {
        AtomicInteger load = loads.get(endpoint);
        return load == null ? 0 : load.get();
    }

    /** The count of one endpoint, for who counts itself in and out. */
    AtomicInteger counter(OriginEndpoint endpoint) {
        AtomicInteger known = loads.get(endpoint);
        return known != null ? known : loads.computeIfAbsent(endpoint, same -> new AtomicInteger());
    }
}
