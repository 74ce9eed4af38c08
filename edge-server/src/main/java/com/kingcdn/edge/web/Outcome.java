package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.CacheStatus;
import com.kingcdn.edge.policy.ForwardReason;
import java.util.Locale;

/** What became of a request, in one word: metric label and access log field. */
enum Outcome {
    /** From the cache, fresh. */
    HIT,
    /** From the cache, stale, as the response or the request allows. */
    STALE,
    /** Upstream confirmed what is stored. */
    REVALIDATED,
    /** Shared the fetch of another request. */
    COLLAPSED,
    /** Fetched from upstream. */
    MISS,
    /** Forwarded by itself, without a part in caching. */
    PASS,
    /** Upstream gave no response, and nothing stored could stand in. */
    FAILED,
    /** Answered by the edge itself. */
    REFUSED;

    private final String label = name().toLowerCase(Locale.ROOT);

    String label() {
        return label;
    }

    static Outcome of(CacheStatus status, boolean problem) {
        if (status.generated()) {
            return REFUSED;
        }
        if (problem) {
            return FAILED;
        }
        ForwardReason forward = status.forward();
        if (forward == null) {
            return status.ttlSeconds() < 0 && status.ttlSeconds() != CacheStatus.NO_TTL ? STALE : HIT;
        }
        if (status.collapsed()) {
            return COLLAPSED;
        }
        return switch (forward) {
            case BYPASS, METHOD -> PASS;
            case URI_MISS, VARY_MISS, MISS, PARTIAL -> MISS;
            case REQUEST, STALE -> status.forwardStatus() == 304 ? REVALIDATED : MISS;
        };
    }
}
