package com.kingcdn.edge.web;

import com.kingcdn.edge.policy.CacheRequest;

/** What {@link RequestGate} says to a request. */
sealed interface Passage {

    /**
     * It may go on.
     *
     * @param request as the cache and the origin are to see it
     * @param release to be run once, when the response is over
     */
    record Open(CacheRequest request, Runnable release) implements Passage {}

    /**
     * It may not.
     *
     * @param retryAfterSeconds when it is worth another try (RFC 9110 section 10.2.3); 0 for never
     */
    record Closed(Refusal refusal, int retryAfterSeconds) implements Passage {}
}
