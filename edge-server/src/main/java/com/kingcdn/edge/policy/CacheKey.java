package com.kingcdn.edge.policy;

import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HostHeader;
import org.jspecify.annotations.Nullable;

/**
 * What a stored response is found by, before its variant (the primary cache key, RFC 9111 section 2). GET and HEAD share it; no two
 * distributions ever do.
 *
 * @param distribution its identifier
 * @param host of the client's request; null when the origin does not see it, so that all hosts of a distribution share entries
 * @param target path and query
 */
public record CacheKey(String distribution, @Nullable String host, String target) {

    /** The key of a request to a distribution. */
    public static CacheKey of(Distribution distribution, CacheRequest request) {
        return of(distribution, request, request.target());
    }

    /** The key of another target, asked for as this request asks for its own. */
    public static CacheKey of(Distribution distribution, CacheRequest request, String target) {
        String host = distribution.hostHeader() == HostHeader.CLIENT ? request.host() : null;
        return new CacheKey(distribution.id(), host, QueryRules.apply(distribution.query(), target));
    }
}
