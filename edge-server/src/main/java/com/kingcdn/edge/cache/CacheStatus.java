package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.ForwardReason;
import org.jspecify.annotations.Nullable;

/**
 * How the cache dealt with a request: this edge's member of the Cache-Status field (RFC 9211 section 2).
 *
 * @param forward why the request went upstream; null for a hit
 * @param forwardStatus the upstream response's status code; 0 when there was none, and for a hit
 * @param ttlSeconds remaining freshness, negative when stale; {@link #NO_TTL} when not known
 * @param stored whether the upstream response was stored
 * @param collapsed whether the request shared another one's forwarding
 * @param detail a token that says more, or null
 * @param generated whether the edge itself made the response, which then neither came from the cache nor from upstream
 */
public record CacheStatus(
        @Nullable ForwardReason forward,
        int forwardStatus,
        long ttlSeconds,
        boolean stored,
        boolean collapsed,
        @Nullable String detail,
        boolean generated) {

    /** Of a response that came from the cache or from upstream. */
    public CacheStatus(
            @Nullable ForwardReason forward,
            int forwardStatus,
            long ttlSeconds,
            boolean stored,
            boolean collapsed,
            @Nullable String detail) {
        this(forward, forwardStatus, ttlSeconds, stored, collapsed, detail, false);
    }

    /** No {@code ttl} parameter. */
    public static final long NO_TTL = Long.MIN_VALUE;

    /** Served from the cache, without going upstream. */
    public static CacheStatus hit(long ttlSeconds) {
        return new CacheStatus(null, 0, ttlSeconds, false, false, null);
    }

    /** Served from the cache for a reason worth a word. */
    public static CacheStatus hit(long ttlSeconds, @Nullable String detail) {
        return new CacheStatus(null, 0, ttlSeconds, false, false, detail);
    }

    /** Made by the edge itself: neither {@code hit} nor {@code fwd} is true of it (RFC 9211 section 2). */
    public static CacheStatus generated(String detail) {
        return new CacheStatus(null, 0, NO_TTL, false, false, detail, true);
    }

    /** Forwarded, and nothing stored of it. */
    public static CacheStatus forwarded(ForwardReason reason, int status, @Nullable String detail) {
        return new CacheStatus(reason, status, NO_TTL, false, false, detail);
    }

    /** Whether the response came from the cache alone. */
    public boolean isHit() {
        return forward == null && !generated;
    }
}
