package com.kingcdn.edge.cache;

import com.kingcdn.edge.coding.ContentCoding;
import com.kingcdn.edge.policy.CacheControl;
import com.kingcdn.edge.policy.CacheGroups;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CachePolicy;
import com.kingcdn.edge.policy.ForwardReason;
import com.kingcdn.edge.policy.Freshness;
import com.kingcdn.edge.policy.Invalidation;
import com.kingcdn.edge.policy.NoStoreReason;
import com.kingcdn.edge.policy.RequestRules;
import com.kingcdn.edge.policy.ResponseRules;
import com.kingcdn.edge.policy.Revalidation;
import com.kingcdn.edge.policy.Storability;
import com.kingcdn.edge.policy.StoreDecision;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.edge.policy.Tags;
import com.kingcdn.edge.store.Admission;
import com.kingcdn.edge.store.Blocks;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.EntryWriter;
import com.kingcdn.edge.store.PurgeScope;
import com.kingcdn.edge.upstream.Upstream;
import com.kingcdn.edge.upstream.UpstreamException;
import com.kingcdn.edge.upstream.UpstreamResponse;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.Validators;
import io.netty.buffer.ByteBuf;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Forwards requests whose responses are not stored, and does to the store what follows from them: invalidation, freshening by HEAD. */
final class PassThrough {

    private final CacheStore store;
    private final Upstream upstream;
    private final InstantSource clock;
    private final OriginFetch fetches;

    PassThrough(CacheStore store, Upstream upstream, InstantSource clock, OriginFetch fetches) {
        this.store = store;
        this.upstream = upstream;
        this.clock = clock;
        this.fetches = fetches;
    }

    /**
     * Forwards the very request.
     *
     * @param selected the entry that a HEAD may freshen, or that may stand in for its answer; or null
     */
    Mono<EdgeResponse> forward(Exchange exchange, ForwardReason reason, @Nullable CacheEntry selected) {
        return Mono.defer(() -> {
            long sentAt = clock.millis();
            Admission admission = store.admit(exchange.key());
            return upstream.fetch(exchange.asItIs())
                    .map(response -> {
                        if (selected != null && mayStandIn(exchange, reason, selected, response.status())) {
                            readEmpty(response);
                            String detail = Detail.STALE_IF_ERROR.token();
                            return standIn(exchange, reason, selected, response.status(), detail);
                        }
                        boolean purged = !admission.whileValid(() -> {});
                        apply(exchange, response);
                        if (selected != null && isForAll(exchange, reason) && response.status() == 200) {
                            freshen(selected, exchange, response, admission, sentAt);
                        }
                        EdgeResponse stored =
                                purged ? null : storePosted(exchange, reason, response, admission, sentAt);
                        CacheStatus status = CacheStatus.forwarded(reason, response.status(), detail(exchange, reason));
                        return stored != null ? stored : respond(exchange, response, status);
                    })
                    .onErrorResume(
                            UpstreamException.class, failure -> Mono.just(failed(exchange, reason, selected, failure)))
                    .doFinally(end -> store.end(admission));
        });
    }

    private EdgeResponse failed(
            Exchange exchange, ForwardReason reason, @Nullable CacheEntry selected, UpstreamException failure) {
        return selected != null && mayStandIn(exchange, reason, selected, CachePolicy.NO_RESPONSE)
                ? standIn(exchange, reason, selected, 0, failure.kind().token())
                : upstreamFailed(reason, failure);
    }

    /** Whether a stale entry answers a HEAD as it would a GET, now that upstream has failed. */
    private boolean mayStandIn(Exchange exchange, ForwardReason reason, CacheEntry stale, int status) {
        return exchange.request().isHead()
                && reason == ForwardReason.STALE
                && fetches.mayStandIn(exchange, stale, status);
    }

    private EdgeResponse standIn(
            Exchange exchange, ForwardReason reason, CacheEntry stale, int upstreamStatus, String detail) {
        long now = clock.millis();
        Freshness freshness = stale.response().freshness();
        CacheStatus status = new CacheStatus(reason, upstreamStatus, freshness.ttlSeconds(now), false, false, detail);
        return new StoredReply(exchange, stale, now).build(freshness.ageSeconds(now), status, (lost, first, end) -> {
            throw new FillException(FillException.Kind.LOST, "a head has no content");
        });
    }

    /** Whether the answer is one to HEAD, and would be the same for others. */
    private static boolean isForAll(Exchange exchange, ForwardReason reason) {
        HeaderFields fields = exchange.request().fields();
        return exchange.request().isHead()
                && reason != ForwardReason.BYPASS
                && !fields.contains("authorization")
                && !CacheControl.ofRequest(fields).has(CacheControl.Flag.NO_STORE);
    }

    /** Why nothing is stored of the answer to this very request, where the reason it was forwarded for does not say it. */
    private static @Nullable String detail(Exchange exchange, ForwardReason reason) {
        if (reason == ForwardReason.METHOD) {
            return null;
        }
        if (RequestRules.bypasses(exchange.distribution(), exchange.request())) {
            return Detail.COOKIE.token();
        }
        if (!exchange.request().isGet()) {
            return NoStoreReason.METHOD.token();
        }
        boolean forbidden = CacheControl.ofRequest(exchange.request().fields()).has(CacheControl.Flag.NO_STORE);
        return forbidden ? NoStoreReason.REQUEST_NO_STORE.token() : null;
    }

    /** Stores what a POST has made of its own target, to answer later GETs (RFC 9110 section 9.3.3); null when it is not that. */
    private @Nullable EdgeResponse storePosted(
            Exchange exchange, ForwardReason reason, UpstreamResponse response, Admission revoked, long sentAt) {
        if (!exchange.request().method().equals("POST") || response.status() != 200) {
            return null;
        }
        StoreDecision decision = Storability.decide(
                exchange.request(), response.status(), response.fields(), exchange.rules(), sentAt, clock.millis());
        long length = OriginFetch.contentLength(response.fields());
        if (!(decision instanceof StoreDecision.Store accepted) || !store.hasRoom() || length > Blocks.MAX_LENGTH) {
            return null;
        }
        // its own: that of the request was revoked with everything else that was on its way when the POST succeeded
        Admission admission = store.renew(revoked);
        CacheEntry entry = store.create(exchange.key(), accepted.response(), length);
        EntryWriter writer = entry.claimAll(false);
        boolean listed = store.list(entry, admission);
        store.end(admission);
        long ttl = entry.response().freshness().ttlSeconds(clock.millis());
        CacheStatus status = new CacheStatus(reason, response.status(), ttl, listed, false, null);
        EdgeResponse answer = new StoredReply(exchange.plain(), entry, clock.millis())
                .build(EdgeResponse.NO_AGE, status, (lost, first, end) -> {
                    throw new FillException(FillException.Kind.LOST, "blocks of " + lost.key() + " were lost");
                });
        new Fill(response.body(), writer, length < 0 ? Fill.UNKNOWN_END : length).start();
        return answer.plus(accepted.withheld());
    }

    private void apply(Exchange exchange, UpstreamResponse response) {
        String method = exchange.request().method();
        if (Invalidation.invalidates(method, response.status())) {
            for (String target : Invalidation.targets(exchange.request(), response.fields())) {
                store.markStale(CacheKey.of(exchange.distribution(), exchange.request(), target));
            }
            for (String group : CacheGroups.invalidatedBy(response.fields())) {
                store.markStale(PurgeScope.group(exchange.key(), group));
            }
        }
    }

    private void freshen(
            CacheEntry selected, Exchange exchange, UpstreamResponse response, Admission admission, long sentAt) {
        if (selected.lookup().validationRequired()
                && Validators.of(response.fields(), clock.millis()).isEmpty()) {
            return; // that it was changed is known, and this does not say to what
        }
        StoredResponse updated = Revalidation.freshenByHead(
                selected.response(),
                selected.length(),
                exchange.request(),
                response.fields(),
                exchange.rules(),
                sentAt,
                clock.millis());
        if (updated == null) {
            store.markStale(exchange.key());
        } else {
            // a soft purge that came meanwhile still holds: this answer may be from before it
            admission.whileValid(() -> selected.freshen(updated));
        }
    }

    /** Reads a response without content to its end, so that its connection can be used again. */
    static void readEmpty(UpstreamResponse response) {
        response.body().subscribe(ByteBuf::release, failure -> {});
    }

    /**
     * An upstream response as it is, but for tags, which are for caches of a CDN only, and for what the distribution changes: its text is
     * coded on the way, as that of stored ones is.
     */
    static EdgeResponse respond(Exchange exchange, UpstreamResponse response, CacheStatus status) {
        boolean toCdn = exchange.isForPeer();
        HeaderFields fields = response.fields()
                .without(name ->
                        name.equals("content-length") || name.equals("age") || (!toCdn && Tags.isForTheCdn(name)));
        if (!toCdn) {
            fields = ResponseRules.forAll(exchange.distribution(), fields);
        }
        long age = OriginFetch.number(response.fields().first("age"));
        long length = OriginFetch.contentLength(response.fields());
        ContentCoding coding = EncodedVariants.forOne(exchange.request(), response, length);
        if (coding != null) {
            EdgeResponse.Body coded =
                    new EdgeResponse.Streamed(new CodedContent(response.body(), coding), response::discard);
            return new EdgeResponse(
                    200, EncodedVariants.describe(fields, coding), age, EdgeResponse.UNKNOWN_LENGTH, coded, status);
        }
        int code = response.status();
        if (exchange.request().isHead() || code == 204 || code == 304) {
            readEmpty(response);
            return EdgeResponse.head(code, fields, age, code == 204 ? EdgeResponse.UNKNOWN_LENGTH : length, status);
        }
        EdgeResponse.Body body = new EdgeResponse.Streamed(response.body(), response::discard);
        return new EdgeResponse(code, fields, age, length, body, status);
    }

    /** The answer when upstream has none. */
    static EdgeResponse upstreamFailed(ForwardReason reason, UpstreamException failure) {
        CacheStatus status = CacheStatus.forwarded(reason, 0, failure.kind().token());
        return EdgeResponse.problem(
                failure.kind().status(),
                failure.retryAfterSeconds() > 0
                        ? HeaderFields.of("retry-after", Integer.toString(failure.retryAfterSeconds()))
                        : HeaderFields.EMPTY,
                "the origin could not be asked: " + failure.kind().token(),
                status);
    }
}
