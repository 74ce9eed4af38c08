package com.kingcdn.edge.upstream;

import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.edge.upstream.UpstreamPlanner.Step;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

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
        this.endpoints = new EndpointClient(settings, transport);
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
        return new Fetch(request);
    }

    /** Closes idle connections and fails what is under way. */
    @Override
    public void close() {
        checks.stop();
        endpoints.close();
    }

    /** The response to a request that is sent for each subscriber. */
    private final class Fetch extends Mono<UpstreamResponse> {

        private final UpstreamRequest request;

        Fetch(UpstreamRequest request) {
            this.request = request;
        }

        @Override
        public void subscribe(CoreSubscriber<? super UpstreamResponse> actual) {
            actual.onSubscribe(new Exchange(request, actual));
        }
    }

    /** One request with all its attempts, begun when its response is asked for. */
    private final class Exchange implements Subscription, UpstreamPlanner.Knowledge {

        private final UpstreamRequest request;
        private final CoreSubscriber<? super UpstreamResponse> actual;
        private final AtomicBoolean begun = new AtomicBoolean();
        private final List<Hop> tried = new ArrayList<>(2);
        private final RetryBudget budget;
        private final Route route;
        private final @Nullable Flux<ByteBuf> body;
        private volatile boolean bodyTaken;
        private volatile boolean cancelled;
        private volatile @Nullable OriginExchange underWay;

        Exchange(UpstreamRequest request, CoreSubscriber<? super UpstreamResponse> actual) {
            this.request = request;
            this.actual = actual;
            this.budget = budget(request.distribution().id());
            this.route = tiers.route(request, forwarded);
            Flux<ByteBuf> content = request.downstream().body();
            this.body = content == null ? null : content.doOnSubscribe(s -> bodyTaken = true);
        }

        @Override
        public void request(long n) {
            if (!Operators.validate(n) || !begun.compareAndSet(false, true)) {
                return;
            }
            if (forwarded.loops(request.fields())) {
                fail(new UpstreamException(Kind.LOOP, false, "this edge is in the request's CDN-Loop"));
                return;
            }
            budget.earn();
            Step first = plan();
            if (first == null) {
                fail(UpstreamException.unavailable(
                        "no origin of " + request.distribution().id() + " is asked before a trial succeeds",
                        secondsToTrial()));
            } else {
                attempt(first);
            }
        }

        private int secondsToTrial() {
            long now = clock.millis();
            long next = Stream.concat(route.origins().stream(), route.backups().stream())
                    .mapToLong(hop -> health.of(hop).upAtMillis(now))
                    .min()
                    .orElse(0);
            return (int) Math.max(1, (next - now + 999) / 1000);
        }

        @Override
        public void cancel() {
            cancelled = true;
            OriginExchange present = underWay;
            if (present != null) {
                present.cancel();
            }
        }

        private void fail(UpstreamException failure) {
            if (!cancelled) {
                actual.onError(failure);
            }
        }

        private void succeed(UpstreamResponse response) {
            if (cancelled) {
                response.discard();
            } else {
                actual.onNext(response);
                actual.onComplete();
            }
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

        private @Nullable Step plan() {
            return UpstreamPlanner.next(
                    route, tried, this, ThreadLocalRandom.current().nextDouble(), clock.millis());
        }

        private void attempt(Step step) {
            Hop hop = step.hop();
            tried.add(hop);
            health.tried(hop, clock.millis());
            if (step.delayMillis() == 0) {
                send(hop);
            } else {
                endpoints.later(() -> send(hop), step.delayMillis());
            }
        }

        private void send(Hop hop) {
            if (cancelled) {
                return;
            }
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
            Attempt attempt = new Attempt(this, hop, loads.counter(loaded(hop).endpoint()));
            OriginExchange sent = endpoints.send(hop, message, timeouts, attempt);
            // unless it has failed, and the next one is under way already
            if (!attempt.over) {
                underWay = sent;
            }
            if (cancelled) {
                sent.cancel();
            }
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

        /** An origin's answer stands, unless it is a failure that another one may not have. @return whether it is none */
        private boolean answered(Hop hop, UpstreamResponse response) {
            long now = clock.millis();
            long rest = RetryAfter.until(response.status(), response.fields(), now);
            boolean serverFailed = isServerFailure(response.status());
            if (rest > 0) {
                health.askedForRest(hop, rest, now);
            } else if (serverFailed) {
                health.failed(hop, false, now);
            } else {
                health.answered(hop);
            }
            return !serverFailed && rest == 0;
        }

        /** Asks somebody else, if there is one. @return whether it does */
        private boolean instead(Hop hop, UpstreamResponse response) {
            boolean origin = hop.tier() == Tier.ORIGIN;
            if (bodyTaken || (origin && !request.isSafe())) {
                return false;
            }
            Step next = plan();
            // the way past a peer is no retry: no origin has been asked yet
            if (next == null || (origin && (next.hop().equals(hop) || !budget.spend()))) {
                return false;
            }
            response.discard();
            UpstreamMetrics.RETRIES.inc();
            attempt(next);
            return true;
        }

        private void failed(Hop hop, UpstreamException failure) {
            UpstreamMetrics.failed(hop.tier(), failure.kind());
            if (Failures.isEndpointsFault(failure.kind())) {
                health.failed(hop, Failures.isSilence(failure.kind()), clock.millis());
            }
            if (bodyTaken || !Failures.mayGoElsewhere(failure, request.isSafe())) {
                fail(failure);
                return;
            }
            Step next = plan();
            boolean again = next != null && next.hop().equals(hop);
            if (next == null || (again && !failure.isRetryable()) || (hop.tier() == Tier.ORIGIN && !budget.spend())) {
                fail(failure);
                return;
            }
            UpstreamMetrics.RETRIES.inc();
            attempt(next);
        }
    }

    private RetryBudget budget(String distribution) {
        RetryBudget known = budgets.get(distribution);
        return known != null ? known : budgets.computeIfAbsent(distribution, id -> new RetryBudget());
    }

    /** One attempt of a request at one server. */
    private final class Attempt implements OriginExchange.Listener {

        private final Exchange exchange;
        private final Hop hop;
        private final AtomicInteger load;

        /** Whether its response is none that speaks against the server. */
        private boolean good;

        private volatile boolean over;

        Attempt(Exchange exchange, Hop hop, AtomicInteger load) {
            this.exchange = exchange;
            this.hop = hop;
            this.load = load;
            load.incrementAndGet();
        }

        @Override
        public void answered(UpstreamResponse response) {
            if (hop.tier() == Tier.ORIGIN) {
                good = exchange.answered(hop, response);
            } else {
                // a peer that gives no Cache-Status has refused by itself: it knows nothing of what was asked for
                good = response.fields().contains("cache-status");
                if (good) {
                    health.answered(hop);
                } else {
                    health.failed(hop, false, clock.millis());
                }
            }
            if (good || !exchange.instead(hop, response)) {
                exchange.succeed(response);
            }
        }

        @Override
        public void failed(UpstreamException failure) {
            over = true;
            exchange.failed(hop, failure);
        }

        /** Content that breaks off speaks against the server as much as none. */
        @Override
        public void ended(boolean whole, @Nullable Kind failure) {
            load.decrementAndGet();
            if (failure != null && Failures.isEndpointsFault(failure)) {
                health.failed(hop, false, clock.millis());
            } else if (whole && good) {
                health.succeeded(hop);
            }
        }
    }

    private static boolean isServerFailure(int status) {
        return status == 500 || (status >= 502 && status <= 504);
    }
}
