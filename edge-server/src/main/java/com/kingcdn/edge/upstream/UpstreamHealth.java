package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.EndpointHealth.Tolerance;
import com.kingcdn.topology.OriginEndpoint;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What real requests have shown of each endpoint (passive health: it costs nothing and sees what clients see), and what checks have,
 * where a distribution has some. Changes of state are logged, once each.
 */
final class UpstreamHealth {

    private static final Logger log = LoggerFactory.getLogger(UpstreamHealth.class);

    /** Endpoints come from configuration, so this is reached only by years of changing it. */
    private static final int LIMIT = 10_000;

    /** While an endpoint is asked for, its trials fail far more often: after so long nobody asks, as of one that is configured no more. */
    private static final long NEWS_MILLIS = TimeUnit.MINUTES.toMillis(15);

    /** How an endpoint is treated; also the metric label. */
    enum State {
        /** Others are preferred. */
        BENCHED,
        /** Not asked, but for trials. */
        OPEN,
        /** Its checks fail: others are preferred. */
        CHECK_FAILED
    }

    private record Known(Tier tier, EndpointHealth health) {}

    /** Only endpoints with failures; a good one needs no memory. */
    private final ConcurrentMap<OriginEndpoint, Known> states = new ConcurrentHashMap<>();

    /** Endpoints whose checks fail, each with the Unix time until which that is known. */
    private final ConcurrentMap<OriginEndpoint, Long> refused = new ConcurrentHashMap<>();

    EndpointHealth of(Hop hop) {
        if (states.isEmpty()) {
            return EndpointHealth.GOOD;
        }
        Known known = states.get(hop.endpoint());
        return known == null ? EndpointHealth.GOOD : known.health();
    }

    /** Whether it is as good as any other, by its checks too. */
    boolean isUp(Hop hop, long nowMillis) {
        return of(hop).isUp(nowMillis) && !isRefused(hop.endpoint(), nowMillis);
    }

    private boolean isRefused(OriginEndpoint endpoint, long nowMillis) {
        Long until = refused.isEmpty() ? null : refused.get(endpoint);
        return until != null && nowMillis < until;
    }

    /** Notes that a request is on its way: with an open circuit it is the trial. */
    void tried(Hop hop, long nowMillis) {
        if (of(hop).open()) {
            states.computeIfPresent(
                    hop.endpoint(),
                    (endpoint, known) -> new Known(known.tier(), known.health().tried(nowMillis)));
        }
    }

    /** Notes a head that is no failure: it is alive, whatever becomes of its content. */
    void answered(Hop hop) {
        if (!states.isEmpty()) {
            states.computeIfPresent(
                    hop.endpoint(),
                    (endpoint, known) -> new Known(known.tier(), known.health().answered()));
        }
    }

    /** Notes a whole response. */
    void succeeded(Hop hop) {
        if (states.isEmpty()) {
            return;
        }
        Known known = states.remove(hop.endpoint());
        if (known != null && known.health().benches() > 0) {
            log.info("{} {} answers again", hop.tier().label(), hop.endpoint().url());
        }
    }

    /**
     * Notes a failure.
     *
     * @param silent whether nothing came that shows it alive
     */
    void failed(Hop hop, boolean silent, long nowMillis) {
        Tolerance tolerance = Tolerance.of(hop.tier());
        change(hop, health -> health.failed(silent, tolerance, nowMillis));
    }

    /**
     * Notes that the endpoint asks to be left alone until then: a failure, but no silence. It may be about one client or one URL, so an
     * origin without another beside it is asked all the same.
     */
    void askedForRest(Hop hop, long untilMillis, long nowMillis) {
        Tolerance tolerance = Tolerance.of(hop.tier());
        change(hop, health -> health.failed(false, tolerance, nowMillis).leftAlone(untilMillis));
    }

    private void change(Hop hop, UnaryOperator<EndpointHealth> change) {
        if (states.size() >= LIMIT) {
            states.clear();
        }
        states.compute(hop.endpoint(), (endpoint, known) -> {
            EndpointHealth before = known == null ? EndpointHealth.GOOD : known.health();
            EndpointHealth after = change.apply(before);
            if (after.open() && !before.open()) {
                UpstreamMetrics.CIRCUITS_OPENED.inc();
                log.warn(
                        "{} {} does not answer: it is not asked until a trial succeeds",
                        hop.tier().label(),
                        endpoint.url());
            } else if (after.benches() > 0 && before.benches() == 0) {
                log.warn("{} {} keeps failing: others are preferred", hop.tier().label(), endpoint.url());
            }
            return new Known(hop.tier(), after);
        });
    }

    /** Notes a passed check: a trial is due at once. */
    void checkPassed(OriginEndpoint endpoint) {
        if (refused.remove(endpoint) != null) {
            log.info("origin {} passes its checks again", endpoint.url());
        }
        states.computeIfPresent(
                endpoint,
                (same, known) -> known.health().open()
                        ? new Known(known.tier(), known.health().due())
                        : known);
    }

    /** Notes failed checks, known until then. */
    void checkFailed(OriginEndpoint endpoint, String reason, long untilMillis) {
        if (refused.put(endpoint, untilMillis) == null) {
            log.warn("origin {} fails its checks: {}; others are preferred", endpoint.url(), reason);
        }
    }

    /** How many endpoints are in this state now, but for those that nobody has asked for of late. */
    int count(Tier tier, State state, long nowMillis) {
        if (state == State.CHECK_FAILED) {
            return tier == Tier.ORIGIN
                    ? (int) refused.values().stream()
                            .filter(until -> nowMillis < until)
                            .count()
                    : 0;
        }
        return (int) states.values().stream()
                .filter(known -> known.tier() == tier && is(state, known.health(), nowMillis))
                .count();
    }

    private static boolean is(State state, EndpointHealth health, long nowMillis) {
        if (state == State.OPEN) {
            long known = Math.max(health.lastFailureMillis(), health.retryAtMillis());
            return health.open() && nowMillis - known < NEWS_MILLIS;
        }
        return !health.open() && !health.isUp(nowMillis);
    }
}
