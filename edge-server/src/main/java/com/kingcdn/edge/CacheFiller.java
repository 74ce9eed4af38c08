package com.kingcdn.edge;

import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.edge.cache.HttpCache;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.push.FillFailure;
import com.kingcdn.edge.push.Filler;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.topology.Distribution;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletionStage;
import reactor.core.publisher.Flux;

/** The cache and its store, as fills see them. */
record CacheFiller(HttpCache cache, CacheStore store) implements Filler {

    private static final int OK = 200;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    @Override
    public CompletionStage<?> ready() {
        return store.loaded();
    }

    @Override
    public Flux<Integer> fetch(Distribution distribution, CacheRequest request) {
        return cache.handle(request, distribution, Downstream.NONE).flatMapMany(CacheFiller::consume);
    }

    private static Flux<Integer> consume(EdgeResponse response) {
        int status = response.status();
        if (status != OK || response.body() instanceof EdgeResponse.Problem) {
            response.close();
            boolean retryable = status >= SERVER_ERROR || status == REQUEST_TIMEOUT || status == TOO_MANY_REQUESTS;
            return Flux.error(new FillFailure("answered with status " + status, retryable));
        }
        boolean fetched = !response.cacheStatus().isHit();
        if (response.body() instanceof EdgeResponse.Streamed streamed) {
            return streamed.content()
                    .map(CacheFiller::sizeOf)
                    .onErrorMap(failure -> new FillFailure("broke off: " + failure.getMessage(), true))
                    .filter(octets -> fetched);
        }
        if (response.body() instanceof EdgeResponse.Whole whole) {
            int octets = sizeOf(whole.content());
            return fetched ? Flux.just(octets) : Flux.empty();
        }
        return Flux.empty();
    }

    private static int sizeOf(ByteBuf content) {
        int octets = content.readableBytes();
        content.release();
        return octets;
    }

    @Override
    public void pin(Distribution distribution, CacheRequest request) {
        switch (store.pin(CacheKey.of(distribution, request))) {
            case PINNED -> {}
            case NOT_STORED -> throw new FillFailure("it may not be stored, or the disk tier cannot be written", false);
            case NO_ROOM ->
                throw new FillFailure(
                        "it is stored but not pinned: what is pinned may take half of the disk tier, and that is full;"
                                + " give the edge a larger kingcdn.edge.disk.size, or cancel older fills",
                        false);
        }
    }

    @Override
    public void unpin(Distribution distribution, CacheRequest request) {
        store.unpin(CacheKey.of(distribution, request));
    }

    @Override
    public CompletionStage<?> sync() {
        return store.sync();
    }
}
