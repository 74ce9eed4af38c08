package com.kingcdn.edge.upstream;

import reactor.core.publisher.Mono;

/** Where responses come from that the cache does not have: the caches before the origin and the distribution's origins, as one. */
public interface Upstream {

    /**
     * Sends the request and completes with the response's head, as soon as it is there; never empty.
     *
     * <p>Fails with an {@link UpstreamException} only, after such retries as were allowed. A final status of 5xx is a response, not a
     * failure. Cancelling before the head has come ends the request.
     */
    Mono<UpstreamResponse> fetch(UpstreamRequest request);
}
