package com.kingcdn.edge.cache;

import io.prometheus.client.Counter;
import reactor.core.publisher.SignalType;

/** What the cache tells operators beyond the outcomes of requests, which the web floor counts. */
final class CacheMetrics {

    private static final Counter FILLS = Counter.build(
                    "kingcdn_edge_cache_fills_total", "Upstream responses carried into entries, by how that ended")
            .labelNames("result")
            .register();

    private static final Counter.Child COMPLETE = FILLS.labels("complete");
    private static final Counter.Child STOPPED = FILLS.labels("stopped");
    private static final Counter.Child FAILED = FILLS.labels("failed");

    private CacheMetrics() {}

    static void fillEnded(SignalType end) {
        switch (end) {
            case ON_COMPLETE -> COMPLETE.inc();
            case ON_ERROR -> FAILED.inc();
            default -> STOPPED.inc();
        }
    }
}
