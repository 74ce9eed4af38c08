package com.kingcdn.edge.upstream;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;

/**
 * A request that a distribution's origin shall answer.
 *
 * @param distribution gives the endpoints and which Host they see
 * @param method in its own case, such as {@code GET}
 * @param authority the client's Host, the port included as it was sent
 * @param target in origin form as the client sent it, such as {@code /a?b=c}, or {@code *} with OPTIONS
 * @param fields the client's, with whatever conditions and Range the cache has put in; those that belong to a connection are
 *     dropped and those of a gateway added on the way out (RFC 9110 section 7.6)
 * @param downstream on whose behalf; {@link Downstream#NONE} for what the edge asks for itself
 * @param affinity decides which of several servers is asked first: the same for all requests for one stored response, on every edge
 */
public record UpstreamRequest(
        Distribution distribution,
        String method,
        String authority,
        String target,
        HeaderFields fields,
        Downstream downstream,
        String affinity) {

    /** One whose target is its affinity. */
    public UpstreamRequest(
            Distribution distribution,
            String method,
            String authority,
            String target,
            HeaderFields fields,
            Downstream downstream) {
        this(distribution, method, authority, target, fields, downstream, target);
    }

    /** Whether the method is safe (RFC 9110 section 9.2.1), so that the request may be sent again. */
    public boolean isSafe() {
        return method.equals("GET") || method.equals("HEAD") || method.equals("OPTIONS");
    }
}
