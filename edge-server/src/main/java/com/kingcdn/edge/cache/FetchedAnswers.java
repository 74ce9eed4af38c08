package com.kingcdn.edge.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.CachePolicy;
import com.kingcdn.edge.policy.Freshness;
import com.kingcdn.edge.policy.ResponseRules;
import com.kingcdn.edge.store.CacheEntry;
import com.kingcdn.edge.upstream.UpstreamResponse;
import com.kingcdn.http.HeaderFields;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Answers by asking upstream for what may be stored, together with whoever else wants it. */
final class FetchedAnswers {

    /** How often a request may find that what it waited for is not for it, before it goes alone. */
    private static final int MOST_JOINS = 3;

    /** How long it is remembered that nobody should wait for somebody else's response. */
    private static final Duration PASS_MEMORY = Duration.ofSeconds(10);

    private static final FetchOutcome SUPERSEDED = new FetchOutcome.Superseded();

    private final PurgeState purgeState;
    private final InstantSource clock;
    private final RequestCoalescer coalescer;
    private final OriginFetch fetches;
    private final StoredAnswers stored;
    private final NegativeCache failures = new NegativeCache();

    /** Keys whose last response could not be shared: their requests do not wait for each other. */
    private final Cache<CacheKey, Boolean> unshared = passMemory();

    /** The same of requests with credentials: they must not keep those without from sharing. */
    private final Cache<CacheKey, Boolean> unsharedWithCredentials = passMemory();

    FetchedAnswers(
            PurgeState purgeState,
            InstantSource clock,
            RequestCoalescer coalescer,
            OriginFetch fetches,
            StoredAnswers stored) {
        this.purgeState = purgeState;
        this.clock = clock;
        this.coalescer = coalescer;
        this.fetches = fetches;
        this.stored = stored;
    }

    /**
     * Goes upstream, or waits for who has.
     *
     * @param stale the entry to be validated, or null when there is none
     * @param isAnswered whether a fetch that has ended since the request looked has made another one needless
     */
    void fetch(
            Answering answering,
            @Nullable CacheEntry stale,
            Answering.Forward forward,
            Predicate<Exchange> isAnswered) {
        Exchange exchange = answering.exchange();
        NegativeCache.Failure failure = failures.find(exchange.key(), exchange.distribution(), clock.millis());
        if (failure != null) {
            answering.with(notAsked(exchange, stale, failure));
            return;
        }
        answering.goesUpstream(forward);
        if (answering.attempts() >= MOST_JOINS || isUnshared(exchange)) {
            coalescer.alone(answering, landing -> fetch(exchange, stale, landing));
            return;
        }
        long unapplied = purgeState.hasApplied(exchange.sequence()) ? 0 : exchange.sequence();
        RequestCoalescer.Key key =
                new RequestCoalescer.Key(exchange.key(), stale == null ? null : stale.id(), unapplied);
        coalescer.join(key, answering, landing -> {
            if (isAnswered.test(exchange)) {
                landing.landed(SUPERSEDED);
            } else {
                fetch(exchange, stale, landing);
            }
        });
    }

    private void fetch(Exchange exchange, @Nullable CacheEntry stale, OriginFetch.Landing landing) {
        if (stale == null) {
            fetches.fetch(exchange, landing);
        } else {
            fetches.validate(exchange, stale, landing);
        }
    }

    private static Cache<CacheKey, Boolean> passMemory() {
        return Caffeine.newBuilder()
                .maximumSize(65_536)
                .expireAfterWrite(PASS_MEMORY)
                .build();
    }

    private Cache<CacheKey, Boolean> unshared(Exchange exchange) {
        return exchange.request().fields().contains("authorization") ? unsharedWithCredentials : unshared;
    }

    private boolean isUnshared(Exchange exchange) {
        Cache<CacheKey, Boolean> known = unshared(exchange);
        return known.estimatedSize() > 0 && known.getIfPresent(exchange.key()) != null;
    }

    /** The answer while a failure of upstream is remembered. */
    private EdgeResponse notAsked(Exchange exchange, @Nullable CacheEntry stale, NegativeCache.Failure failure) {
        long now = clock.millis();
        if (stale != null && fetches.mayStandIn(exchange, stale, failure.status())) {
            Freshness freshness = stale.response().freshness();
            CacheStatus status = CacheStatus.hit(freshness.ttlSeconds(now), Detail.STALE_IF_ERROR.token());
            return new StoredReply(exchange, stale, now)
                    .build(freshness.ageSeconds(now), status, stored.blocksFor(exchange));
        }
        return EdgeResponse.problem(
                failure.status(),
                ResponseRules.forAll(
                        exchange.distribution(),
                        HeaderFields.of("retry-after", Long.toString(failure.secondsLeft(now)))),
                "the origin failed a moment ago",
                CacheStatus.generated(Detail.NEGATIVE.token()));
    }

    /** A fetch that a request waited for has an outcome. */
    void landed(Answering answering, FetchOutcome outcome, boolean leader) {
        if (leader) {
            lead(answering, outcome);
        } else {
            follow(answering, outcome);
        }
    }

    private void lead(Answering answering, FetchOutcome outcome) {
        Exchange exchange = answering.exchange();
        failures.note(exchange.key(), exchange.distribution(), outcome, clock.millis());
        if (outcome instanceof FetchOutcome.Superseded) {
            StoredAnswers.again(answering);
            return;
        }
        if (outcome instanceof FetchOutcome.Passed passed) {
            if (passed.status() != 416) {
                // which is about one range, and no reason for others to go alone
                unshared(exchange).put(exchange.key(), true);
            }
            UpstreamResponse response = passed.take();
            if (response == null) {
                throw new IllegalStateException("somebody else took the response");
            }
            CacheStatus status = CacheStatus.forwarded(forward(answering).reason(), response.status(), passed.detail());
            answering.with(PassThrough.respond(exchange, response, status));
            return;
        }
        if (outcome instanceof FetchOutcome.Stored made && made.detail() == null && isUnshared(exchange)) {
            unshared(exchange).invalidate(exchange.key());
        }
        answering.with(respond(answering, outcome, false));
    }

    private void follow(Answering answering, FetchOutcome outcome) {
        boolean forEverybody = !(outcome instanceof FetchOutcome.Passed)
                && !(outcome instanceof FetchOutcome.StandIn standIn
                        && new StoredReply(answering.exchange(), standIn.entry(), clock.millis()).firstMissing() >= 0)
                && !(outcome instanceof FetchOutcome.Superseded)
                && !(outcome instanceof FetchOutcome.Stored made
                        && (made.detail() != null
                                || !made.entry()
                                        .response()
                                        .answers(answering.exchange().request())));
        if (forEverybody) {
            answering.with(respond(answering, outcome, true));
        } else {
            StoredAnswers.again(answering);
        }
    }

    private static Answering.Forward forward(Answering answering) {
        return Objects.requireNonNull(answering.forward());
    }

    private EdgeResponse respond(Answering answering, FetchOutcome outcome, boolean collapsed) {
        Exchange exchange = answering.exchange();
        Answering.Forward forward = forward(answering);
        if (outcome instanceof FetchOutcome.Stored made) {
            boolean filled = made.filled();
            String detail = made.detail() == null ? forward.detail() : made.detail();
            CacheStatus status = new CacheStatus(
                    forward.reason(),
                    made.status(),
                    ttlSeconds(made.entry()),
                    filled && made.detail() == null,
                    collapsed,
                    detail);
            EdgeResponse response = respond(exchange, made.entry(), status, filled);
            return collapsed ? response : response.plus(made.withheld());
        }
        if (outcome instanceof FetchOutcome.StandIn standIn) {
            CacheEntry entry = standIn.entry();
            CacheStatus status = new CacheStatus(
                    forward.reason(), standIn.status(), ttlSeconds(entry), false, collapsed, standIn.detail());
            return respond(exchange, entry, status, false);
        }
        if (outcome instanceof FetchOutcome.Failed failed) {
            CacheEntry stale = failed.stale();
            if (stale != null && fetches.mayStandIn(exchange, stale, CachePolicy.NO_RESPONSE)) {
                String kind = failed.failure().kind().token();
                return respond(answering, new FetchOutcome.StandIn(stale, 0, kind), collapsed);
            }
            return PassThrough.upstreamFailed(forward.reason(), failed.failure());
        }
        throw new IllegalStateException("not to be shared: " + outcome);
    }

    private long ttlSeconds(CacheEntry entry) {
        return entry.response().freshness().ttlSeconds(clock.millis());
    }

    /** @param filled whether its content has come, or comes, in answer to this very request */
    private EdgeResponse respond(Exchange exchange, CacheEntry entry, CacheStatus status, boolean filled) {
        long now = clock.millis();
        long age = entry.response().freshness().ageSeconds(now);
        long saidAge = age > 0 || !status.stored() ? age : EdgeResponse.NO_AGE;
        EdgeResponse coded = entry.isListed() ? stored.coded(exchange, entry, saidAge, status) : null;
        if (coded != null) {
            return coded;
        }
        StoredReply reply = new StoredReply(exchange, entry, now);
        return (filled ? reply.ofFill() : reply).build(saidAge, status, stored.blocksFor(exchange));
    }
}
