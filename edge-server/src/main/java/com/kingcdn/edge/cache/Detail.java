package com.kingcdn.edge.cache;

import java.util.Locale;

/**
 * What Cache-Status says beyond its parameters (RFC 9211 section 2.8) where neither a {@link com.kingcdn.edge.policy.NoStoreReason} nor
 * a proxy error type (RFC 9209) says it.
 */
enum Detail {
    /** Served stale, as the response or the request allows. */
    STALE,
    /** Served stale, since upstream has failed (RFC 5861 section 4). */
    STALE_IF_ERROR,
    /** Nothing that is stored may be used, and the client forbids asking (RFC 9111 section 5.2.1.7). */
    ONLY_IF_CACHED,
    /** Validated although fresh, since a purge may have been missed. */
    PURGE_STATE_UNKNOWN,
    /** Upstream refused a part of what is stored. */
    UPSTREAM_ERROR,
    /** The content changed upstream each time it was fetched. */
    UNSTABLE,
    /** The request brings a cookie, and the distribution says that this makes it one person's. */
    COOKIE,
    /** Upstream has failed a moment ago, and is not asked again yet. */
    NEGATIVE;

    private final String token = name().toLowerCase(Locale.ROOT).replace('_', '-');

    String token() {
        return token;
    }
}
