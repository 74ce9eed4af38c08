package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.CacheControl;
import com.kingcdn.edge.policy.CacheDecision;
import com.kingcdn.edge.policy.ForwardReason;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.EntryWriter;
import com.kingcdn.edge.upstream.Upstream;
import com.kingcdn.edge.upstream.UpstreamException;
import com.kingcdn.http.HeaderFields;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Answers by what is stored; what is missing of an entry is fetched by the way. */
final class StoredAnswers {

    private final CacheStore store;
    private final Upstream upstream;
    private final InstantSource clock;
    private final BackgroundRevalidation background;
    private final PassThrough passThrough;
    private final EncodedVariants variants;

    StoredAnswers(
            CacheStore store,
            Upstream upstream,
            InstantSource clock,
            BackgroundRevalidation background,
            PassThrough passThrough) {
        this.store = store;
        this.upstream = upstream;
        this.clock = clock;
        this.background = background;
        this.passThrough = passThrough;
        this.variants = new EncodedVariants(store);
    }

    /** Whether a request is better answered by a coded form of this entry. */
    boolean isCodingWanted(Exchange exchange, CacheEntry entry, long nowMillis) {
        return exchange.distribution().delivery() != null && variants.isWanted(exchange.request(), entry, nowMillis);
    }

    /** Whom to ask for blocks of an entry that are missing. */
    RangeFetch blocksFor(Exchange exchange) {
        return new RangeFetch(store, upstream, clock, exchange);
    }

    /** RFC 9111 section 5.2.1.7. */
    static EdgeResponse onlyIfCached() {
        return EdgeResponse.problem(
                504,
                HeaderFields.EMPTY,
                "nothing that is stored may be used, and only-if-cached forbids asking",
                CacheStatus.generated(Detail.ONLY_IF_CACHED.token()));
    }

    /** Begins again, or gives the request up. */
    static void again(Answering answering) {
        if (!answering.again()) {
            answering.with(EdgeResponse.problem(
                    502,
                    HeaderFields.EMPTY,
                    "the content changed at the origin each time it was fetched",
                    CacheStatus.forwarded(ForwardReason.MISS, 0, Detail.UNSTABLE.token())));
        }
    }

    void serve(Answering answering, CacheEntry entry, CacheDecision.Serve serve) {
        Exchange exchange = answering.exchange();
        if (serve.use() == CacheDecision.Use.STALE_WHILE_REVALIDATE) {
            background.start(exchange, entry);
        }
        StoredReply reply = new StoredReply(exchange, entry, clock.millis());
        RangeFetch blocks = blocksFor(exchange);
        int missing = reply.firstMissing();
        EntryWriter writer = reply.unopenedWriter();
        if (missing < 0 && writer == null) {
            String detail = serve.use() == CacheDecision.Use.FRESH ? null : Detail.STALE.token();
            CacheStatus status = CacheStatus.hit(serve.ttlSeconds(), detail);
            EdgeResponse coded = coded(exchange, entry, serve.ageSeconds(), status);
            answering.with(coded != null ? coded : reply.build(serve.ageSeconds(), status, blocks));
            return;
        }
        if (missing >= 0 && CacheControl.ofRequest(exchange.request().fields()).has(CacheControl.Flag.ONLY_IF_CACHED)) {
            answering.with(onlyIfCached());
            return;
        }
        if (missing >= 0 && !entry.isRefillable()) {
            store.discard(entry);
            again(answering);
            return;
        }
        CacheStatus status = new CacheStatus(ForwardReason.PARTIAL, 0, serve.ttlSeconds(), true, writer != null, null);
        if (writer == null && reply.startsIn(missing)) {
            // the head is not sent before upstream has confirmed that it still has this version
            writer = reply.bringStart((first, end) -> blocks.begin(entry, first, end));
        }
        if (writer == null) {
            answering.with(reply.build(serve.ageSeconds(), status, blocks));
            return;
        }
        writer.opened().whenComplete((opened, failure) -> {
            if (failure != null) {
                notOpened(answering, failure);
            } else if (!answering.isCancelled()) {
                answering.with(reply.build(serve.ageSeconds(), status, blocks));
            }
        });
    }

    /** The answer by a coded form of an entry, if that is wanted; else null. */
    @Nullable
    EdgeResponse coded(Exchange exchange, CacheEntry entry, long ageSeconds, CacheStatus status) {
        if (exchange.distribution().delivery() == null) {
            return null;
        }
        long now = clock.millis();
        EncodedVariants.Encoded encoded = variants.isWanted(exchange.request(), entry, now)
                ? variants.of(exchange, entry, blocksFor(exchange))
                : null;
        if (encoded == null) {
            return null;
        }
        EdgeResponse response = new StoredReply(exchange, encoded.entry(), now)
                .build(ageSeconds, status, (lost, first, end) -> {
                    throw new FillException(FillException.Kind.LOST, "a coded form of " + lost.key() + " was lost");
                });
        if (encoded.fill() != null) {
            encoded.fill().start();
        }
        return response;
    }

    private void notOpened(Answering answering, Throwable failure) {
        if (failure instanceof UpstreamException upstreamFailure) {
            answering.with(PassThrough.upstreamFailed(ForwardReason.PARTIAL, upstreamFailure));
        } else if (failure instanceof FillException fill && fill.kind() == FillException.Kind.REFUSED) {
            answering.with(EdgeResponse.problem(
                    502,
                    HeaderFields.EMPTY,
                    "the origin refused a part of what is stored",
                    CacheStatus.forwarded(ForwardReason.PARTIAL, 0, Detail.UPSTREAM_ERROR.token())));
        } else if (failure instanceof FillException fill && fill.kind() == FillException.Kind.DECLINED) {
            // what upstream says to this client is for it to read
            answering.by(passThrough.forward(answering.exchange(), ForwardReason.PARTIAL, null));
        } else if (failure instanceof FillException) {
            again(answering);
        } else {
            answering.failed(failure);
        }
    }
}
