package com.kingcdn.edge.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.kingcdn.edge.policy.CacheControl;
import com.kingcdn.edge.policy.CacheDecision;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CachePolicy;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.ForwardReason;
import com.kingcdn.edge.policy.Freshness;
import com.kingcdn.edge.policy.LocalAnswer;
import com.kingcdn.edge.policy.Lookup;
import com.kingcdn.edge.policy.RequestRules;
import com.kingcdn.edge.policy.ResponseRules;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.store.EntryWriter;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.edge.upstream.Peer;
import com.kingcdn.edge.upstream.Upstream;
import com.kingcdn.edge.upstream.UpstreamException;
import com.kingcdn.edge.upstream.UpstreamResponse;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The cache as its clients see it: a request goes in, what is to be sent comes out (RFC 9111). */
public final class HttpCache {

    /** How often a request may find that what it waited for is not for it, before it goes alone. */
    private static final int MOST_JOINS = 3;

    /** How often a request may find its entry gone, before it is given up. */
    private static final int MOST_ATTEMPTS = 6;

    /** How long it is remembered that nobody should wait for somebody else's response. */
    private static final Duration PASS_MEMORY = Duration.ofSeconds(10);

    private static final Mono<FetchOutcome> SUPERSEDED = Mono.just(new FetchOutcome.Superseded());

    private final CacheStore store;
    private final Upstream upstream;
    private final PurgeState purgeState;
    private final InstantSource clock;

    private final RequestCoalescer coalescer = new RequestCoalescer();
    private final OriginFetch fetches;
    private final PassThrough passThrough;
    private final BackgroundRevalidation background;
    private final EncodedVariants variants;
    private final NegativeCache failures = new NegativeCache();

    /** Keys whose last response could not be shared: their requests do not wait for each other. */
    private final Cache<CacheKey, Boolean> unshared = Caffeine.newBuilder()
            .maximumSize(65_536)
            .expireAfterWrite(PASS_MEMORY)
            .build();

    public HttpCache(CacheStore store, Upstream upstream, PurgeState purgeState, InstantSource clock) {
        this.store = store;
        this.upstream = upstream;
        this.purgeState = purgeState;
        this.clock = clock;
        this.fetches = new OriginFetch(store, upstream, purgeState, clock);
        this.passThrough = new PassThrough(store, upstream, clock);
        this.background = new BackgroundRevalidation(coalescer, fetches);
        this.variants = new EncodedVariants(store);
    }

    /**
     * Answers a GET or HEAD from the cache if that can be done without asking anybody.
     *
     * @return null when it cannot: {@link #handle} will say
     */
    public @Nullable EdgeResponse tryServe(CacheRequest received, Distribution distribution) {
        return LocalAnswer.to(received, distribution) == null
                ? tryServe(received, distribution, Downstream.NONE)
                : null;
    }

    /** As {@link #tryServe(CacheRequest, Distribution)}, for another edge. */
    public @Nullable EdgeResponse tryServe(CacheRequest received, Distribution distribution, Peer peer) {
        // one that knows of more purges is served nothing before it is validated
        return purgeState.hasApplied(peer.sequence())
                ? tryServe(received, distribution, new Downstream(received.scheme(), null, null, null, peer))
                : null;
    }

    private @Nullable EdgeResponse tryServe(CacheRequest received, Distribution distribution, Downstream downstream) {
        if (!(received.isGet() || received.isHead()) || RequestRules.bypasses(distribution, received)) {
            return null;
        }
        CacheRequest request = EncodedVariants.mark(distribution, RequestRules.apply(distribution, received));
        long now = clock.millis();
        CacheKey exact = CacheKey.of(distribution, request);
        CacheKey key = store.canonical(exact);
        CacheEntry entry = store.find(key, request);
        if (entry == null
                || !Exchange.isFor(exact, entry)
                || !purgeState.covers(entry.response().requestTimeMillis(), now)) {
            return null;
        }
        if (!(CachePolicy.decide(request, entry.lookup(), now) instanceof CacheDecision.Serve serve)
                || serve.use() != CacheDecision.Use.FRESH) {
            return null;
        }
        if (distribution.delivery() != null && variants.isWanted(request, entry, now)) {
            return null;
        }
        Exchange exchange = new Exchange(request, distribution, downstream, key);
        StoredReply reply = new StoredReply(exchange, entry, now);
        if (reply.firstMissing() >= 0 || reply.unopenedWriter() != null) {
            return null;
        }
        EdgeResponse hit = reply.build(serve.ageSeconds(), CacheStatus.hit(serve.ttlSeconds()), blocksFor(exchange));
        return exchange.isForPeer() ? hit : hit.with(ResponseRules.forRequest(distribution, request, hit.fields()));
    }

    /**
     * Answers any request. Completes with the response as soon as its head is known; upstream failures are responses too, so it does
     * not fail. Cancelling gives the request up.
     *
     * @param downstream the client, with the content of its request
     */
    public Mono<EdgeResponse> handle(CacheRequest request, Distribution distribution, Downstream downstream) {
        Exchange exchange = Exchange.of(request, distribution, downstream, store);
        if (exchange.isForPeer()) {
            return Mono.defer(() -> attempt(exchange, 0)).doOnDiscard(EdgeResponse.class, EdgeResponse::close);
        }
        LocalAnswer local = LocalAnswer.to(request, distribution);
        Mono<EdgeResponse> answer =
                local == null ? Mono.defer(() -> attempt(exchange, 0)) : Mono.just(locally(exchange, local));
        if (ResponseRules.has(distribution)) {
            answer = answer.map(response ->
                    response.with(ResponseRules.forRequest(distribution, exchange.request(), response.fields())));
        }
        return answer.doOnDiscard(EdgeResponse.class, EdgeResponse::close);
    }

    private static EdgeResponse locally(Exchange exchange, LocalAnswer local) {
        HeaderFields fields = ResponseRules.forAll(exchange.distribution(), local.fields());
        CacheStatus status = CacheStatus.generated(local.reason().token());
        return local.reason() == LocalAnswer.Reason.METHOD_NOT_ALLOWED
                ? EdgeResponse.problem(405, fields, "this distribution does not answer this method", status)
                : EdgeResponse.head(
                        local.status(),
                        fields,
                        EdgeResponse.NO_AGE,
                        local.status() == 204 ? EdgeResponse.UNKNOWN_LENGTH : 0,
                        status);
    }

    private Mono<EdgeResponse> attempt(Exchange exchange, int attempts) {
        long now = clock.millis();
        CacheEntry entry = find(exchange, exchange.request());
        Lookup found = lookup(exchange, entry, now);
        CacheDecision decision = RequestRules.bypasses(exchange.distribution(), exchange.request())
                ? new CacheDecision.Pass(ForwardReason.BYPASS)
                : CachePolicy.decide(exchange.request(), found, now);
        boolean fresh = decision instanceof CacheDecision.Serve use && use.use() == CacheDecision.Use.FRESH;
        if (entry != null && entry.response().isEncodedHere() && !fresh) {
            // what it was made of is asked about
            entry = find(exchange, EncodedVariants.unmarked(exchange.request()));
            found = lookup(exchange, entry, now);
            decision = CachePolicy.decide(exchange.request(), found, now);
        }
        if (decision instanceof CacheDecision.Pass pass) {
            return passThrough.forward(exchange, pass.reason(), entry);
        }
        if (decision instanceof CacheDecision.Serve serve && entry != null) {
            return serve(exchange, entry, serve, attempts);
        }
        if (decision instanceof CacheDecision.Fetch fetch) {
            return fetch(exchange, null, new Forward(fetch.reason(), null), attempts);
        }
        if (decision instanceof CacheDecision.Revalidate revalidate && entry != null) {
            boolean unknown = found.validationRequired() && !entry.lookup().validationRequired();
            Forward forward = new Forward(revalidate.reason(), unknown ? Detail.PURGE_STATE_UNKNOWN.token() : null);
            return fetch(exchange, entry, forward, attempts);
        }
        return Mono.just(onlyIfCached());
    }

    private @Nullable CacheEntry find(Exchange exchange, CacheRequest request) {
        CacheEntry entry = store.find(exchange.key(), request);
        return entry == null || exchange.isFor(entry) ? entry : null;
    }

    /** RFC 9111 section 5.2.1.7. */
    private static EdgeResponse onlyIfCached() {
        return EdgeResponse.problem(
                504,
                HeaderFields.EMPTY,
                "nothing that is stored may be used, and only-if-cached forbids asking",
                CacheStatus.generated(Detail.ONLY_IF_CACHED.token()));
    }

    private Lookup lookup(Exchange exchange, @Nullable CacheEntry entry, long now) {
        if (entry == null) {
            return store.contains(exchange.key()) ? Lookup.VARY_MISS : Lookup.URI_MISS;
        }
        return purgeState.lookup(entry, exchange.sequence(), now);
    }

    private RangeFetch blocksFor(Exchange exchange) {
        return new RangeFetch(store, upstream, clock, exchange);
    }

    // ------------------------------------------------------------------------------------------------ from the store

    private Mono<EdgeResponse> serve(Exchange exchange, CacheEntry entry, CacheDecision.Serve serve, int attempts) {
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
            return Mono.just(coded != null ? coded : reply.build(serve.ageSeconds(), status, blocks));
        }
        if (missing >= 0 && CacheControl.ofRequest(exchange.request().fields()).has(CacheControl.Flag.ONLY_IF_CACHED)) {
            return Mono.just(onlyIfCached());
        }
        if (missing >= 0 && !entry.isRefillable()) {
            store.discard(entry);
            return again(exchange, attempts);
        }
        CacheStatus status = new CacheStatus(ForwardReason.PARTIAL, 0, serve.ttlSeconds(), true, writer != null, null);
        if (writer == null && reply.startsIn(missing)) {
            // the head is not sent before upstream has confirmed that it still has this version
            blocks.bring(entry, missing, reply.wantedEnd(missing));
            writer = reply.unopenedWriter();
        }
        if (writer == null) {
            return Mono.just(reply.build(serve.ageSeconds(), status, blocks));
        }
        return Mono.fromFuture(writer.opened(), true)
                .then(Mono.fromSupplier(() -> reply.build(serve.ageSeconds(), status, blocks)))
                .onErrorResume(failure -> notOpened(exchange, failure, attempts));
    }

    /** The answer by a coded form of an entry, if that is wanted; else null. */
    private @Nullable EdgeResponse coded(Exchange exchange, CacheEntry entry, long ageSeconds, CacheStatus status) {
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

    private Mono<EdgeResponse> notOpened(Exchange exchange, Throwable failure, int attempts) {
        if (failure instanceof UpstreamException upstreamFailure) {
            return Mono.just(PassThrough.upstreamFailed(ForwardReason.PARTIAL, upstreamFailure));
        }
        if (failure instanceof FillException fill && fill.kind() == FillException.Kind.REFUSED) {
            return Mono.just(EdgeResponse.problem(
                    502,
                    HeaderFields.EMPTY,
                    "the origin refused a part of what is stored",
                    CacheStatus.forwarded(ForwardReason.PARTIAL, 0, Detail.UPSTREAM_ERROR.token())));
        }
        return failure instanceof FillException ? again(exchange, attempts) : Mono.error(failure);
    }

    private Mono<EdgeResponse> again(Exchange exchange, int attempts) {
        if (attempts >= MOST_ATTEMPTS) {
            return Mono.just(EdgeResponse.problem(
                    502,
                    HeaderFields.EMPTY,
                    "the content changed at the origin each time it was fetched",
                    CacheStatus.forwarded(ForwardReason.MISS, 0, Detail.UNSTABLE.token())));
        }
        return Mono.defer(() -> attempt(exchange, attempts + 1));
    }

    // ------------------------------------------------------------------------------------------------- from upstream

    /**
     * Why a request goes upstream.
     *
     * @param detail more on that, or null
     */
    private record Forward(ForwardReason reason, @Nullable String detail) {}

    private Mono<EdgeResponse> fetch(Exchange exchange, @Nullable CacheEntry stale, Forward forward, int attempts) {
        NegativeCache.Failure failure = failures.find(exchange.key(), clock.millis());
        if (failure != null) {
            return Mono.just(notAsked(exchange, stale, failure));
        }
        Mono<FetchOutcome> fetch = stale == null ? fetches.fetch(exchange) : fetches.validate(exchange, stale);
        long unapplied = purgeState.hasApplied(exchange.sequence()) ? 0 : exchange.sequence();
        RequestCoalescer.Key key =
                new RequestCoalescer.Key(exchange.key(), stale == null ? null : stale.id(), unapplied);
        boolean alone = attempts >= MOST_JOINS || unshared.getIfPresent(exchange.key()) != null;
        Mono<RequestCoalescer.Shared> shared =
                alone ? coalescer.alone(fetch) : coalescer.join(key, () -> isAnswered(exchange) ? SUPERSEDED : fetch);
        return shared.flatMap(outcome -> outcome.leader()
                ? lead(exchange, outcome.outcome(), forward, attempts)
                : follow(exchange, outcome.outcome(), forward, attempts));
    }

    /** The answer while a failure of upstream is remembered. */
    private EdgeResponse notAsked(Exchange exchange, @Nullable CacheEntry stale, NegativeCache.Failure failure) {
        long now = clock.millis();
        if (stale != null && fetches.mayStandIn(exchange, stale, failure.status())) {
            Freshness freshness = stale.response().freshness();
            CacheStatus status = CacheStatus.hit(freshness.ttlSeconds(now), Detail.STALE_IF_ERROR.token());
            StoredReply reply = new StoredReply(exchange, stale, now);
            if (reply.firstMissing() < 0) {
                return reply.build(freshness.ageSeconds(now), status, blocksFor(exchange));
            }
        }
        return EdgeResponse.problem(
                failure.status(),
                ResponseRules.forAll(
                        exchange.distribution(),
                        HeaderFields.of("retry-after", Long.toString(failure.secondsLeft(now)))),
                "the origin failed a moment ago",
                CacheStatus.generated(Detail.NEGATIVE.token()));
    }

    /** Whether a fetch that has ended since this request looked has made another one needless. */
    private boolean isAnswered(Exchange exchange) {
        long now = clock.millis();
        CacheEntry entry = find(exchange, exchange.request());
        Lookup found = lookup(exchange, entry, now);
        return CachePolicy.decide(exchange.request(), found, now) instanceof CacheDecision.Serve;
    }

    private Mono<EdgeResponse> lead(Exchange exchange, FetchOutcome outcome, Forward forward, int attempts) {
        failures.note(exchange.key(), exchange.distribution(), outcome, clock.millis());
        if (outcome instanceof FetchOutcome.Superseded) {
            return again(exchange, attempts);
        }
        if (outcome instanceof FetchOutcome.Passed passed) {
            unshared.put(exchange.key(), true);
            UpstreamResponse response = passed.take();
            if (response == null) {
                return Mono.error(new IllegalStateException("somebody else took the response"));
            }
            CacheStatus status = CacheStatus.forwarded(forward.reason(), response.status(), passed.detail());
            return Mono.just(PassThrough.respond(exchange, response, status));
        }
        if (outcome instanceof FetchOutcome.Stored stored && stored.detail() == null) {
            unshared.invalidate(exchange.key());
        }
        return Mono.just(respond(exchange, outcome, forward, false));
    }

    private Mono<EdgeResponse> follow(Exchange exchange, FetchOutcome outcome, Forward forward, int attempts) {
        boolean forEverybody = !(outcome instanceof FetchOutcome.Passed)
                && !(outcome instanceof FetchOutcome.Superseded)
                && !(outcome instanceof FetchOutcome.Stored stored
                        && (stored.detail() != null
                                || !stored.entry().response().answers(exchange.request())));
        return forEverybody ? Mono.just(respond(exchange, outcome, forward, true)) : again(exchange, attempts);
    }

    private EdgeResponse respond(Exchange exchange, FetchOutcome outcome, Forward forward, boolean collapsed) {
        if (outcome instanceof FetchOutcome.Failed failed) {
            return PassThrough.upstreamFailed(forward.reason(), failed.failure());
        }
        long now = clock.millis();
        CacheEntry entry;
        int status;
        String detail;
        if (outcome instanceof FetchOutcome.StandIn standIn) {
            entry = standIn.entry();
            status = standIn.status();
            detail = standIn.detail();
        } else if (outcome instanceof FetchOutcome.Stored stored) {
            entry = stored.entry();
            status = stored.status();
            detail = stored.detail() == null ? forward.detail() : stored.detail();
        } else {
            throw new IllegalStateException("not to be shared: " + outcome);
        }
        boolean kept =
                outcome instanceof FetchOutcome.Stored stored && stored.fill() != null && stored.detail() == null;
        long age = entry.response().freshness().ageSeconds(now);
        CacheStatus cacheStatus = new CacheStatus(
                forward.reason(), status, entry.response().freshness().ttlSeconds(now), kept, collapsed, detail);
        boolean sayAge = age > 0 || !kept;
        long saidAge = sayAge ? age : EdgeResponse.NO_AGE;
        EdgeResponse response = entry.isListed() ? coded(exchange, entry, saidAge, cacheStatus) : null;
        if (response == null) {
            response = new StoredReply(exchange, entry, now).build(saidAge, cacheStatus, blocksFor(exchange));
        }
        return !collapsed && outcome instanceof FetchOutcome.Stored stored
                ? response.plus(stored.withheld())
                : response;
    }
}
