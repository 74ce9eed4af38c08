package com.kingcdn.edge.limits;

import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** The metrics of limits and load shedding; labelled children are looked up once. */
final class LimitMetrics {

    private static final Counter LIMITED = Counter.build(
                    "kingcdn_edge_limited_requests_total", "Requests turned away because of a limit, by which.")
            .labelNames("reason")
            .register();

    static final Gauge CLIENTS = Gauge.build(
                    "kingcdn_edge_limited_clients", "Client prefixes and distributions whose use is counted.")
            .register();

    static final Gauge FREE_MEMORY = Gauge.build(
                    "kingcdn_edge_direct_memory_free_bytes", "Direct memory that may still be taken.")
            .register();

    private static final Map<LimitReason, Counter.Child> BY_REASON = new EnumMap<>(LimitReason.class);

    static {
        for (LimitReason reason : LimitReason.values()) {
            BY_REASON.put(reason, LIMITED.labels(reason.label()));
        }
    }

    private LimitMetrics() {}

    static void limited(LimitReason reason) {
        Objects.requireNonNull(BY_REASON.get(reason)).inc();
    }
}
