package com.kingcdn.edge.push;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.topology.Distribution;
import java.util.concurrent.CompletionStage;
import reactor.core.publisher.Flux;

/** The edge's cache, as fills see it. */
public interface Filler {

    /** Completes when what was stored before the start can be found: till then all of it would be fetched again. */
    CompletionStage<?> ready();

    /**
     * Asks the cache for the whole content, as a client would, so that it is stored if it may be.
     *
     * @return the sizes of what came from upstream, in octets, piece by piece as they are requested; nothing for what was stored
     *     already. Fails with a {@link FillFailure}
     */
    Flux<Integer> fetch(Distribution distribution, CacheRequest request);

    /**
     * Keeps what is stored for a request from eviction, over restarts too.
     *
     * @throws FillFailure when nothing is stored, or it cannot be kept
     */
    void pin(Distribution distribution, CacheRequest request);

    void unpin(Distribution distribution, CacheRequest request);

    /** Completes when all that was stored and pinned before survives a crash; exceptionally if that failed. */
    CompletionStage<?> sync();
}
