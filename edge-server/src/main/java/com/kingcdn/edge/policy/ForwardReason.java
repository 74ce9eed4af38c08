package com.kingcdn.edge.policy;

/** Why a request goes upstream: the {@code fwd} parameter of Cache-Status (RFC 9211 section 2.2). */
public enum ForwardReason {
    /** The cache does not handle this request. */
    BYPASS("bypass"),
    /** The method's semantics require it. */
    METHOD("method"),
    /** Nothing is stored for the URI. */
    URI_MISS("uri-miss"),
    /** Something is stored for the URI, but not for these request fields. */
    VARY_MISS("vary-miss"),
    /** Nothing that satisfies the request is stored, and no more is known. */
    MISS("miss"),
    /** What is stored is fresh, but the request does not allow its use. */
    REQUEST("request"),
    /** What is stored is stale. */
    STALE("stale"),
    /** A part of what is asked for is not stored. */
    PARTIAL("partial");

    private final String token;

    ForwardReason(String token) {
        this.token = token;
    }

    /** As it stands in the field; also the metric label. */
    public String token() {
        return token;
    }
}
