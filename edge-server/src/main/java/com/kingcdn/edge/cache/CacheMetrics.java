package com.kingcdn.edge.cache;

import com.kingcdn.edge.coding.ContentCoding;
import com.kingcdn.edge.policy.NoStoreReason;
import io.prometheus.client.Counter;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
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

    private static final Counter UNSTORED = Counter.build(
                    "kingcdn_edge_cache_unstored_responses_total", "Upstream responses that were not stored, by reason")
            .labelNames("reason")
            .register();

    private static final Map<NoStoreReason, Counter.Child> BY_REASON = new EnumMap<>(NoStoreReason.class);

    static {
        for (NoStoreReason reason : NoStoreReason.values()) {
            BY_REASON.put(reason, UNSTORED.labels(reason.token()));
        }
    }

    private static final Counter ENCODED = Counter.build(
                    "kingcdn_edge_cache_encoded_total", "Stored responses of which a coded form was made, by coding")
            .labelNames("coding")
            .register();

    private CacheMetrics() {}

    static void encoded(ContentCoding coding) {
        ENCODED.labels(coding.token()).inc();
    }

    /** Counts a response that is not stored. @return the reason's word for Cache-Status */
    static String unstored(NoStoreReason reason) {
        Objects.requireNonNull(BY_REASON.get(reason)).inc();
        return reason.token();
    }

    static void fillEnded(SignalType end) {
        switch (end) {
            case ON_COMPLETE -> COMPLETE.inc();
            case ON_ERROR -> FAILED.inc();
            default -> STOPPED.inc();
        }
    }
}
