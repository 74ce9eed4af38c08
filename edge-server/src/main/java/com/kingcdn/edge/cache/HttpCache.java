package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.CacheDecision;
import com.kingcdn.edge.policy.CachePolicy;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.policy.ForwardReason;
import com.kingcdn.edge.policy.LocalAnswer;
import com.kingcdn.edge.policy.Lookup;
import com.kingcdn.edge.policy.RequestRules;
import com.kingcdn.edge.policy.ResponseRules;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.store.CacheStore;
import com.kingcdn.edge.upstream.Downstream;
import com.kingcdn.edge.upstream.Peer;
import com.kingcdn.edge.upstream.Upstream;
import com.kingcdn.http.FieldNames;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.Preconditions;
import com.kingcdn.http.Validators;
import com.kingcdn.topology.Distribution;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The cache as its clients see it: a request goes in, what is to be sent comes out (RFC 9111). */
public final class HttpCache {

    /** Conditions that are for the origin to refuse. */
    private static final FieldNames UNCHANGED = FieldNames.of("if-match", "if-unmodified-since");

    private final CacheStore store;
    private final PurgeState purgeState;
    private final InstantSource clock;

    private final PassThrough passThrough;
    private final StoredAnswers stored;
    private final FetchedAnswers fetched;
    private final Answering.Way way = new Way();

    public HttpCache(CacheStore store, Upstream upstream, PurgeState purgeState, InstantSource clock) {
        this.store = store;
        this.purgeState = purgeState;
        this.clock = clock;
        RequestCoalescer coalescer = new RequestCoalescer();
        OriginFetch fetches = new OriginFetch(store, upstream, purgeState, clock);
        this.passThrough = new PassThrough(store, upstream, clock, fetches);
        this.stored =
                new StoredAnswers(store, upstream, clock, new BackgroundRevalidation(coalescer, fetches), passThrough);
        this.fetched = new FetchedAnswers(purgeState, clock, coalescer, fetches, stored);
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
        Exchange exchange = Exchange.of(received, distribution, downstream, store);
        CacheRequest request = exchange.request();
        long now = clock.millis();
        CacheEntry entry = find(exchange, request);
        if (entry == null || !purgeState.covers(entry.response().requestTimeMillis(), now)) {
            return null;
        }
        if (!(CachePolicy.decide(request, entry.lookup(), now) instanceof CacheDecision.Serve serve)
                || serve.use() != CacheDecision.Use.FRESH) {
            return null;
        }
        if (stored.isCodingWanted(exchange, entry, now)) {
            return null;
        }
        StoredReply reply = new StoredReply(exchange, entry, now);
        if (reply.firstMissing() >= 0 || reply.unopenedWriter() != null) {
            return null;
        }
        EdgeResponse hit =
                reply.build(serve.ageSeconds(), CacheStatus.hit(serve.ttlSeconds()), stored.blocksFor(exchange));
        return finish(exchange, hit);
    }

    /**
     * Answers any request. Completes with the response as soon as its head is known; upstream failures are responses too, so it does
     * not fail. Cancelling gives the request up.
     *
     * @param downstream the client, with the content of its request
     * @return to be subscribed to once
     */
    public Mono<EdgeResponse> handle(CacheRequest request, Distribution distribution, Downstream downstream) {
        Exchange exchange = Exchange.of(request, distribution, downstream, store);
        LocalAnswer local = exchange.isForPeer() ? null : LocalAnswer.to(request, distribution);
        if (local != null) {
            return Mono.fromSupplier(() -> finish(exchange, locally(exchange, local)));
        }
        Answering answering = new Answering(way, exchange);
        // after a restart, what is stored has to be read from disk before it can be looked at
        CompletionStage<?> loading = store.load(exchange.key());
        return loading == null ? answering : Mono.fromCompletionStage(loading).then(answering);
    }

    /** What a distribution changes for one client; another edge does that for its own. */
    private static EdgeResponse finish(Exchange exchange, EdgeResponse response) {
        Distribution distribution = exchange.distribution();
        return exchange.isForPeer() || !ResponseRules.has(distribution)
                ? response
                : response.with(ResponseRules.forRequest(distribution, exchange.request(), response.fields()));
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

    private @Nullable CacheEntry find(Exchange exchange, CacheRequest request) {
        CacheEntry entry = store.find(exchange.key(), request);
        return entry == null || exchange.isFor(entry) ? entry : null;
    }

    private Lookup lookup(Exchange exchange, @Nullable CacheEntry entry, long now) {
        if (entry == null) {
            return store.contains(exchange.key()) ? Lookup.VARY_MISS : Lookup.URI_MISS;
        }
        return purgeState.lookup(entry, exchange.sequence(), now);
    }

    /** Whether a fetch that has ended since a request looked has made another one needless. */
    private boolean isAnswered(Exchange exchange) {
        long now = clock.millis();
        CacheEntry entry = find(exchange, exchange.request());
        return entry != null
                && CachePolicy.decide(exchange.request(), purgeState.lookup(entry, exchange.sequence(), now), now)
                        instanceof CacheDecision.Serve;
    }

    private final class Way implements Answering.Way {

        @Override
        public void attempt(Answering answering) {
            Exchange exchange = answering.exchange();
            long now = clock.millis();
            CacheEntry entry = find(exchange, exchange.request());
            Lookup found = lookup(exchange, entry, now);
            CacheDecision decision = decide(exchange, found, now);
            boolean fresh = decision instanceof CacheDecision.Serve use && use.use() == CacheDecision.Use.FRESH;
            if (entry != null && entry.response().isEncodedHere() && !fresh) {
                // what it was made of is asked about
                entry = find(exchange, EncodedVariants.unmarked(exchange.request()));
                found = lookup(exchange, entry, now);
                decision = decide(exchange, found, now);
            }
            follow(answering, entry, found, decision);
        }

        private static CacheDecision decide(Exchange exchange, Lookup found, long now) {
            return RequestRules.bypasses(exchange.distribution(), exchange.request())
                    ? new CacheDecision.Pass(ForwardReason.BYPASS)
                    : CachePolicy.decide(exchange.request(), found, now);
        }

        private void follow(Answering answering, @Nullable CacheEntry entry, Lookup found, CacheDecision decision) {
            if (decision instanceof CacheDecision.Pass pass) {
                answering.by(passThrough.forward(answering.exchange(), pass.reason(), entry));
            } else if (decision instanceof CacheDecision.Serve serve && entry != null) {
                stored.serve(answering, entry, serve);
            } else if (decision instanceof CacheDecision.Fetch fetch) {
                Answering.Forward forward = new Answering.Forward(fetch.reason(), null);
                fetched.fetch(answering, null, forward, HttpCache.this::isAnswered);
            } else if (decision instanceof CacheDecision.Revalidate revalidate && entry != null) {
                boolean unknown = found.validationRequired() && !entry.lookup().validationRequired();
                Answering.Forward forward =
                        new Answering.Forward(revalidate.reason(), unknown ? Detail.PURGE_STATE_UNKNOWN.token() : null);
                fetched.fetch(answering, entry, forward, HttpCache.this::isAnswered);
            } else {
                answering.with(StoredAnswers.onlyIfCached());
            }
        }

        @Override
        public void landed(Answering answering, FetchOutcome outcome, boolean leader) {
            Answering.Forward forward = answering.forward();
            CacheRequest request = answering.exchange().request();
            if (forward != null && request.fields().containsAny(UNCHANGED) && isOfAnotherVersion(request, outcome)) {
                // only the origin may answer 412
                answering.by(passThrough.forward(answering.exchange(), forward.reason(), null));
            } else {
                fetched.landed(answering, outcome, leader);
            }
        }

        /** Whether what came, which was asked for without the client's conditions, is not for a client that has them. */
        private boolean isOfAnotherVersion(CacheRequest request, FetchOutcome outcome) {
            long now = clock.millis();
            Validators came = null;
            if (outcome instanceof FetchOutcome.Stored made) {
                came = made.entry().response().validators();
            } else if (outcome instanceof FetchOutcome.Passed passed && passed.isSuccess()) {
                came = Validators.of(passed.fields(), now);
            }
            return came != null && !Preconditions.unchanged(request.fields(), came, now);
        }

        @Override
        public EdgeResponse finish(Exchange exchange, EdgeResponse response) {
            return HttpCache.finish(exchange, response);
        }
    }
}
