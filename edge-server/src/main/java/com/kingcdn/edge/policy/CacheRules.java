package com.kingcdn.edge.policy;

/**
 * What a distribution lets its caches do beyond what responses say. There is no default lifetime: without freshness information
 * nothing is fresh.
 *
 * @param staleOnErrorSeconds for how long after its expiry a response that says nothing about it may stand in for an upstream that
 *     fails (RFC 9111 section 4.2.4), 0 or more
 */
public record CacheRules(long staleOnErrorSeconds) {

    /** A day of standing in. */
    public static final CacheRules STANDARD = new CacheRules(86_400);
}
