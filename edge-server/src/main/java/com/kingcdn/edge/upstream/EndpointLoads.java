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

    /** Counts one more. @return what counts it off, at the first call */
    Runnable begin(OriginEndpoint endpoint) {
        AtomicInteger load = loads.computeIfAbsent(endpoint, same -> new AtomicInteger());
        load.incrementAndGet();
        AtomicInteger left = new AtomicInteger(1);
        return () -> {
            if (left.getAndSet(0) == 1) {
                load.decrementAndGet();
            }
        };
    }
}
