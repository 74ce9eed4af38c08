package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.ForwardReason;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.edge.upstream.Upstream;
import com.kingcdn.edge.upstream.UpstreamRequest;
import com.kingcdn.topology.Distribution;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The cache as its clients see it: a request goes in, what is to be sent comes out (RFC 9111). */
public final class HttpCache {

    private final Upstream upstream;

    public HttpCache(CacheStore store, Upstream upstream, PurgeState purgeState, InstantSource clock) {
        this.upstream = upstream;
    }

    /**
     * Answers a GET or HEAD from the cache if that can be done without asking anybody.
     *
     * @return null when it cannot: {@link #handle} will say
     */
    public @Nullable EdgeResponse tryServe(CacheRequest request, Distribution distribution) {
        return null;
    }

    /**
     * Answers any request. Completes with the response as soon as its head is known; upstream failures are responses too, so it does
     * not fail. Cancelling gives the request up.
     *
     * @param downstream the client, with the content of its request
     */
    public Mono<EdgeResponse> handle(CacheRequest request, Distribution distribution, Downstream downstream) {
        return upstream.fetch(new UpstreamRequest(
                        distribution,
                        request.method(),
                        request.authority(),
                        request.target(),
                        request.fields(),
                        downstream))
                .map(response -> new EdgeResponse(
                        response.status(),
                        response.fields(),
                        EdgeResponse.NO_AGE,
                        EdgeResponse.UNKNOWN_LENGTH,
                        new EdgeResponse.Streamed(response.body(), response::discard),
                        CacheStatus.forwarded(ForwardReason.BYPASS, response.status(), null)));
    }
}
