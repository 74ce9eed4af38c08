package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.ForwardReason;
import io.prometheus.client.Counter;
import java.util.EnumMap;
import java.util.Map;
import reactor.core.publisher.SignalType;

/** What the cache tells operators. */
final class CacheMetrics {

    private static final Counter REQUESTS = Counter.build(
                    "kingcdn_edge_cache_requests_total",
                    "Responses, by how the cache came by them: hit, or why it went upstream (RFC 9211 section 2.2)")
            .labelNames("outcome")
            .register();

    private static final Counter COLLAPSED = Counter.build(
                    "kingcdn_edge_cache_collapsed_total", "Requests served by another one's fetch")
            .register();

    private static final Counter STALE = Counter.build(
                    "kingcdn_edge_cache_stale_total", "Responses that were served stale")
            .register();

    private static final Counter FILLS = Counter.build(
                    "kingcdn_edge_cache_fills_total", "Transports of upstream content into entries, by how they ended")
            .labelNames("result")
            .register();

    private static final Counter.Child HITS = REQUESTS.labels("hit");
    private static final Map<ForwardReason, Counter.Child> FORWARDED = new EnumMap<>(ForwardReason.class);

    private static final Counter.Child COMPLETE = FILLS.labels("complete");
    private static final Counter.Child STOPPED = FILLS.labels("stopped");
    private static final Counter.Child FAILED = FILLS.labels("failed");

    static {
        for (ForwardReason reason : ForwardReason.values()) {
            FORWARDED.put(reason, REQUESTS.labels(reason.token()));
        }
    }

    private CacheMetrics() {}

    static EdgeResponse count(EdgeResponse response) {
        CacheStatus status = response.cacheStatus();
        ForwardReason reason = status.forward();
        Counter.Child outcome = reason == null ? HITS : FORWARDED.get(reason);
        if (outcome != null) {
            outcome.inc();
        }
        if (status.collapsed()) {
            COLLAPSED.inc();
        }
        if (status.ttlSeconds() < 0 && status.ttlSeconds() != CacheStatus.NO_TTL) {
            STALE.inc();
        }
        return response;
    }

    static void fillEnded(SignalType end) {
        switch (end) {
            case ON_COMPLETE -> COMPLETE.inc();
            case ON_ERROR -> FAILED.inc();
            default -> STOPPED.inc();
        }
    }
}
