package com.kingcdn.edge.upstream;

import io.prometheus.client.Collector;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The metrics of requests to origins, process-wide. */
final class UpstreamMetrics {

    /** How an exchange with an endpoint began. */
    private static final Counter REQUESTS = Counter.build(
                    "kingcdn_edge_upstream_requests_total",
                    "Attempts at siblings, parents and origins, by the class of their status or their failure.")
            .labelNames("tier", "result")
            .register();

    private static final Counter BODY_FAILURES = Counter.build(
                    "kingcdn_edge_upstream_body_failures_total", "Origin responses that failed after their head.")
            .labelNames("kind")
            .register();

    static final Counter RETRIES = Counter.build(
                    "kingcdn_edge_upstream_retries_total", "Requests sent to an origin a second time after a failure.")
            .register();

    static final Counter STALE_CONNECTIONS = Counter.build(
                    "kingcdn_edge_upstream_stale_connections_total",
                    "Requests sent again since the kept connection turned out to be closed.")
            .register();

    static final Counter RECEIVED_BYTES = Counter.build(
                    "kingcdn_edge_upstream_received_bytes_total", "Bytes of content received from origins.")
            .register();

    static final Gauge IN_FLIGHT = Gauge.build(
                    "kingcdn_edge_upstream_in_flight_requests", "Exchanges with origins whose content has not ended.")
            .register();

    private static final Gauge DOWN = Gauge.build(
                    "kingcdn_edge_upstream_down_endpoints",
                    "Siblings, parents and origins that others are preferred to.")
            .labelNames("tier", "state")
            .register();

    static final Counter CIRCUITS_OPENED = Counter.build(
                    "kingcdn_edge_upstream_circuits_opened_total",
                    "Times an endpoint fell silent for so long that it is asked by trials only.")
            .register();

    private static final Counter CHECKS = Counter.build(
                    "kingcdn_edge_upstream_checks_total", "Checks of origins, by their result.")
            .labelNames("result")
            .register();

    static final Counter.Child CHECKS_PASSED = CHECKS.labels("passed");
    static final Counter.Child CHECKS_FAILED = CHECKS.labels("failed");

    private static final Counter PEER_REQUESTS = Counter.build(
                    "kingcdn_edge_peer_requests_total",
                    "Requests that claim to come from another edge, by what they proved.")
            .labelNames("from")
            .register();

    private static final Counter.Child FROM_SIBLING = PEER_REQUESTS.labels("sibling");
    private static final Counter.Child FROM_CHILD = PEER_REQUESTS.labels("child");
    private static final Counter.Child UNPROVEN = PEER_REQUESTS.labels("unproven");

    static final Histogram HEAD_SECONDS = Histogram.build(
                    "kingcdn_edge_upstream_head_seconds", "From sending a request to an origin to its response's head.")
            .buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
            .register();

    private static final Map<Tier, Counter.Child[]> BY_CLASS = new EnumMap<>(Tier.class);
    private static final Map<Tier, Map<UpstreamException.Kind, Counter.Child>> BY_KIND = new EnumMap<>(Tier.class);
    private static final Map<UpstreamException.Kind, Counter.Child> BODY_BY_KIND =
            new EnumMap<>(UpstreamException.Kind.class);

    static {
        for (Tier tier : Tier.values()) {
            Counter.Child[] byClass = new Counter.Child[6];
            for (int i = 2; i < byClass.length; i++) {
                byClass[i] = REQUESTS.labels(tier.label(), i + "xx");
            }
            BY_CLASS.put(tier, byClass);
            Map<UpstreamException.Kind, Counter.Child> byKind = new EnumMap<>(UpstreamException.Kind.class);
            for (UpstreamException.Kind kind : UpstreamException.Kind.values()) {
                byKind.put(kind, REQUESTS.labels(tier.label(), label(kind)));
                BODY_BY_KIND.put(kind, BODY_FAILURES.labels(label(kind)));
            }
            BY_KIND.put(tier, byKind);
        }
    }

    private UpstreamMetrics() {}

    private static String label(UpstreamException.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** Notes a head with a status from 200 to 599. */
    static void answered(Tier tier, int status, long nanos) {
        Objects.requireNonNull(BY_CLASS.get(tier))[status / 100].inc();
        HEAD_SECONDS.observe(nanos / Collector.NANOSECONDS_PER_SECOND);
    }

    static void failed(Tier tier, UpstreamException.Kind kind) {
        count(Objects.requireNonNull(BY_KIND.get(tier)), kind);
    }

    static void bodyFailed(UpstreamException.Kind kind) {
        count(BODY_BY_KIND, kind);
    }

    private static void count(Map<UpstreamException.Kind, Counter.Child> children, UpstreamException.Kind kind) {
        Objects.requireNonNull(children.get(kind)).inc();
    }

    /** Notes a request by what it was asked as; null for one that proved nothing. */
    static void peerRequest(@Nullable Tier relation) {
        (relation == null ? UNPROVEN : relation == Tier.SIBLING ? FROM_SIBLING : FROM_CHILD).inc();
    }

    /** Counts endpoints at each scrape, since one comes back by time alone. */
    static void watch(UpstreamHealth health, LongSupplier nowMillis) {
        for (Tier tier : Tier.values()) {
            for (UpstreamHealth.State state : UpstreamHealth.State.values()) {
                DOWN.setChild(
                        new DownEndpoints(health, tier, state, nowMillis),
                        tier.label(),
                        state.name().toLowerCase(Locale.ROOT));
            }
        }
    }

    private static final class DownEndpoints extends Gauge.Child {

        private final UpstreamHealth health;
        private final Tier tier;
        private final UpstreamHealth.State state;
        private final LongSupplier nowMillis;

        DownEndpoints(UpstreamHealth health, Tier tier, UpstreamHealth.State state, LongSupplier nowMillis) {
            this.health = health;
            this.tier = tier;
            this.state = state;
            this.nowMillis = nowMillis;
        }

        @Override
        public double get() {
            return health.count(tier, state, nowMillis.getAsLong());
        }
    }
}
