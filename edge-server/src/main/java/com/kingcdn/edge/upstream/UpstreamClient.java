package com.kingcdn.edge.upstream;

import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.edge.upstream.UpstreamPlanner.Step;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Siblings, parents and origins as one: sends a request to where the planner says, until an answer stands. */
public final class UpstreamClient implements Upstream, AutoCloseable {

    private final UpstreamProperties settings;
    private final ForwardedFields forwarded;
    private final TierTable tiers;
    private final Clock clock;
    private final EndpointClient endpoints;
    private final UpstreamHealth health = new UpstreamHealth();
    private final EndpointLoads loads = new EndpointLoads();
    private final ConcurrentMap<String, RetryBudget> budgets = new ConcurrentHashMap<>();
    private final OriginChecks checks;

    /**
     * A client with its own connections.
     *
     * @param tiers the other edges to ask before the origin
     * @param transport where connections live; best the same as the content server's, so that a miss stays on one thread
     */
    public UpstreamClient(
            UpstreamProperties settings, ForwardedFields forwarded, TierTable tiers, Transport transport, Clock clock) {
        this.settings = settings;
        this.forwarded = forwarded;
        this.tiers = tiers;
        this.clock = clock;
        this.endpoints = new EndpointClient(settings, transport.loops());
        this.checks = new OriginChecks(endpoints, health, forwarded, clock);
        UpstreamMetrics.watch(health, clock::millis);
    }

    /** One that asks origins only. */
    public UpstreamClient(UpstreamProperties settings, ForwardedFields forwarded, Transport transport, Clock clock) {
        this(settings, forwarded, TierTable.alone(""), transport, clock);
    }

    /** The checks of origins, not yet started. */
    public OriginChecks checks() {
        return checks;
    }

    @Override
    public Mono<UpstreamResponse> fetch(UpstreamRequest request) {
        return Mono.defer(() -> {
            if (forwarded.loops(request.fields())) {
                return Mono.error(new UpstreamException(Kind.LOOP, false, "this edge is in the request's CDN-Loop"));
            }
            RetryBudget budget = budgets.computeIfAbsent(request.distribution().id(), id -> new RetryBudget());
            budget.earn();
            return new Exchange(request, budget).start();
        });
    }

    /** Closes idle connections and fails what is under way. */
    @Override
    public void close() {
        checks.stop();
        endpoints.close();
    }

    /** What came of one attempt: one of the two is there. */
    private record Attempt(@Nullable UpstreamResponse response, @Nullable UpstreamException failure) {}

    /** One request with all its attempts. */
    private final class Exchange implements UpstreamPlanner.Knowledge {

        private final UpstreamRequest request;
        private final RetryBudget budget;
        private final Route route;
        private final List<Hop> tried = new ArrayList<>(2);
        private final AtomicBoolean bodyTaken = new AtomicBoolean();
        private final @Nullable Flux<ByteBuf> body;

        Exchange(UpstreamRequest request, RetryBudget budget) {
            this.request = request;
            this.budget = budget;
            this.route = tiers.route(request, forwarded);
            Flux<ByteBuf> content = request.downstream().body();
            this.body = content == null
                    ? null
                    : content.doOnSubscribe(s -> bodyTaken.set(true))
                            .onErrorMap(e -> new UpstreamException(
                                    Kind.REQUEST_BODY, false, "the client's content failed: " + e));
        }

        @Override
        public EndpointHealth health(Hop hop) {
            return health.of(hop);
        }

        @Override
        public boolean isUp(Hop hop) {
            return health.isUp(hop, clock.millis());
        }

        @Override
        public int load(Hop hop) {
            return loads.of(hop.endpoint());
        }

        Mono<UpstreamResponse> start() {
            Step first = plan();
            return first != null
                    ? attempt(first)
                    : Mono.error(new UpstreamException(
                            Kind.UNAVAILABLE,
                            false,
                            "no origin of " + request.distribution().id() + " is asked before a trial succeeds"));
        }

        private @Nullable Step plan() {
            return UpstreamPlanner.next(
                    route, tried, this, ThreadLocalRandom.current().nextDouble(), clock.millis());
        }

        private Mono<UpstreamResponse> attempt(Step step) {
            Hop hop = step.hop();
            tried.add(hop);
            health.tried(hop, clock.millis());
            Mono<UpstreamResponse> once = send(hop)
                    .map(response -> new Attempt(response, null))
                    .onErrorResume(e -> Mono.just(new Attempt(null, Failures.of(e, hop, request.isSafe()))))
                    .flatMap(attempt -> judge(hop, attempt));
            return step.delayMillis() == 0
                    ? once
                    : Mono.delay(Duration.ofMillis(step.delayMillis())).then(once);
        }

        private Mono<UpstreamResponse> send(Hop hop) {
            boolean origin = hop.tier() == Tier.ORIGIN;
            HeaderFields fields = origin
                    ? forwarded.towards(hop.endpoint(), request)
                    : forwarded.towardsPeer(request, tiers.sealFor(hop, request, clock.millis()));
            EndpointClient.Message message = new EndpointClient.Message(
                    request.method(),
                    request.target(),
                    fields,
                    body,
                    request.downstream().interim());
            Timeouts timeouts = origin
                    ? Timeouts.towardsOrigin(settings, request.distribution().upstream())
                    : Timeouts.towardsPeer(settings, request.distribution().upstream());
            return Mono.defer(() -> endpoints.send(
                    hop, message, timeouts, loads.begin(loaded(hop).endpoint())));
        }

        /** What this node does for keys of its own counts as its load, whoever it asks. */
        private Hop loaded(Hop hop) {
            if (hop.tier() != Tier.SIBLING) {
                for (Hop sibling : route.siblings()) {
                    if (sibling.self()) {
                        return sibling;
                    }
                }
            }
            return hop;
        }

        private Mono<UpstreamResponse> judge(Hop hop, Attempt attempt) {
            UpstreamResponse response = attempt.response();
            UpstreamException failure = attempt.failure();
            if (response != null) {
                return hop.tier() == Tier.ORIGIN ? answered(hop, response) : answeredByPeer(hop, response);
            }
            return failure != null ? failed(hop, failure) : Mono.empty();
        }

        /** An origin's answer stands, unless it is a failure that another one may not have. */
        private Mono<UpstreamResponse> answered(Hop hop, UpstreamResponse response) {
            long now = clock.millis();
            long rest = RetryAfter.until(response.status(), response.fields(), now);
            boolean serverFailed = isServerFailure(response.status());
            if (rest > 0) {
                health.askedForRest(hop, rest, now);
            } else if (serverFailed) {
                health.failed(hop, false, now);
            } else {
                health.succeeded(hop);
            }
            if (!(serverFailed || rest > 0) || !request.isSafe() || bodyTaken.get()) {
                return Mono.just(response);
            }
            Step next = plan();
            if (next == null || next.hop().equals(hop) || !budget.spend()) {
                return Mono.just(response);
            }
            return instead(response, next);
        }

        /** A peer that gives no Cache-Status has refused the request by itself: it knows nothing of what was asked for. */
        private Mono<UpstreamResponse> answeredByPeer(Hop hop, UpstreamResponse response) {
            if (response.fields().contains("cache-status")) {
                health.succeeded(hop);
                return Mono.just(response);
            }
            health.failed(hop, false, clock.millis());
            Step next = bodyTaken.get() ? null : plan();
            return next == null ? Mono.just(response) : instead(response, next);
        }

        private Mono<UpstreamResponse> instead(UpstreamResponse response, Step next) {
            response.discard();
            UpstreamMetrics.RETRIES.inc();
            return attempt(next);
        }

        private Mono<UpstreamResponse> failed(Hop hop, UpstreamException failure) {
            UpstreamMetrics.failed(hop.tier(), failure.kind());
            if (Failures.isEndpointsFault(failure.kind())) {
                health.failed(hop, Failures.isSilence(failure.kind()), clock.millis());
            }
            if (bodyTaken.get() || !Failures.mayGoElsewhere(failure, request.isSafe())) {
                return Mono.error(failure);
            }
            Step next = plan();
            boolean again = next != null && next.hop().equals(hop);
            if (next == null || (again && !failure.isRetryable())) {
                return Mono.error(failure);
            }
            // the way past a peer is no retry: no origin has been asked yet
            if (hop.tier() == Tier.ORIGIN && !budget.spend()) {
                return Mono.error(failure);
            }
            UpstreamMetrics.RETRIES.inc();
            return attempt(next);
        }
    }

    private static boolean isServerFailure(int status) {
        return status == 500 || (status >= 502 && status <= 504);
    }
}
