package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.OriginCheck;
import com.kingcdn.topology.OriginEndpoint;
import com.kingcdn.topology.UpstreamSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The checks that distributions ask for: from this node one to each endpoint each interval, with a tenth of it at random, so that the
 * nodes of a CDN do not come in step. Two failures in a row say that the endpoint does not work, one success that it does.
 *
 * <p>It never forbids an endpoint: checks may be wrong, and with all of them down requests still go to one.
 */
public final class OriginChecks {

    private static final Duration TICK = Duration.ofMillis(250);
    private static final int FAILURES = 2;

    /** A verdict that is not renewed for so many intervals is none. */
    private static final int VALID_INTERVALS = 4;

    private final EndpointClient endpoints;
    private final UpstreamHealth health;
    private final ForwardedFields forwarded;
    private final Clock clock;
    private final Scheduler scheduler = Schedulers.newSingle("origin-checks", true);
    private @Nullable Disposable running;

    /** Only the one thread of the scheduler knows it. */
    private final Map<Target, Progress> progress = new HashMap<>();

    OriginChecks(EndpointClient endpoints, UpstreamHealth health, ForwardedFields forwarded, Clock clock) {
        this.endpoints = endpoints;
        this.health = health;
        this.forwarded = forwarded;
        this.clock = clock;
    }

    private record Target(OriginEndpoint endpoint, OriginCheck check) {}

    private static final class Progress {
        private long dueAtMillis;
        private int failures;
        private boolean underWay;
    }

    /**
     * Checks from now on.
     *
     * @param distributions the present ones, asked for again and again
     */
    public synchronized void start(Supplier<Collection<Distribution>> distributions) {
        running = Flux.interval(TICK, scheduler).onBackpressureDrop().subscribe(tick -> tick(distributions.get()));
    }

    synchronized void stop() {
        if (running != null) {
            running.dispose();
        }
        scheduler.dispose();
    }

    private void tick(Collection<Distribution> distributions) {
        Map<Target, Distribution> wanted = new HashMap<>();
        for (Distribution distribution : distributions) {
            UpstreamSettings settings = distribution.upstream();
            OriginCheck check = settings == null ? null : settings.check();
            if (check != null) {
                distribution.origins().forEach(origin -> wanted.putIfAbsent(new Target(origin, check), distribution));
            }
        }
        forget(wanted.keySet());
        long now = clock.millis();
        wanted.forEach((target, distribution) -> {
            Progress of = progress.computeIfAbsent(target, same -> new Progress());
            if (!of.underWay && now >= of.dueAtMillis) {
                of.underWay = true;
                of.dueAtMillis = now + jittered(target.check().interval());
                check(target, distribution).subscribe(reason -> ended(target, of, reason));
            }
        });
    }

    private void forget(Set<Target> wanted) {
        for (Target target : new HashSet<>(progress.keySet())) {
            if (!wanted.contains(target)) {
                progress.remove(target);
                health.checkPassed(target.endpoint());
            }
        }
    }

    private static long jittered(Duration interval) {
        return (long) (interval.toMillis() * (0.95 + ThreadLocalRandom.current().nextDouble() * 0.1));
    }

    /** One check. @return what is wrong; empty text for nothing */
    private Mono<String> check(Target target, Distribution distribution) {
        OriginCheck check = target.check();
        String host = distribution.hosts().isEmpty() ? "" : distribution.hosts().get(0);
        UpstreamRequest request =
                new UpstreamRequest(distribution, "GET", host, check.path(), HeaderFields.EMPTY, Downstream.NONE);
        EndpointClient.Message message = new EndpointClient.Message(
                "GET", check.path(), forwarded.towards(target.endpoint(), request), null, null);
        Duration most = check.timeout();
        Timeouts timeouts = new Timeouts(most, most, most, most);
        return Mono.<Integer>create(status -> {
                    OriginExchange sent =
                            endpoints.send(Hop.origin(target.endpoint()), message, timeouts, new Checked(status));
                    status.onCancel(sent::cancel);
                })
                .map(status -> check.statuses().contains(status) ? "" : "status " + status)
                .timeout(most)
                .onErrorResume(failure -> Mono.just(String.valueOf(failure.getMessage())))
                .publishOn(scheduler);
    }

    /** What a check is told. */
    private record Checked(MonoSink<Integer> status) implements OriginExchange.Listener {

        @Override
        public void answered(UpstreamResponse response) {
            response.discard();
            status.success(response.status());
        }

        @Override
        public void failed(UpstreamException failure) {
            status.error(failure);
        }

        @Override
        public void ended(boolean whole, @Nullable Kind failure) {
            // the head is enough
        }
    }

    private void ended(Target target, Progress of, String reason) {
        of.underWay = false;
        if (reason.isEmpty()) {
            of.failures = 0;
            UpstreamMetrics.CHECKS_PASSED.inc();
            health.checkPassed(target.endpoint());
            return;
        }
        UpstreamMetrics.CHECKS_FAILED.inc();
        if (++of.failures >= FAILURES) {
            long valid = VALID_INTERVALS
                    * (target.check().interval().toMillis()
                            + target.check().timeout().toMillis());
            health.checkFailed(target.endpoint(), reason, clock.millis() + valid);
        }
    }
}
