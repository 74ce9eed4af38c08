package com.kingcdn.edge.upstream;

import io.prometheus.client.Collector;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The metrics of requests to origins, process-wide. */
final class UpstreamMetrics {

    /** How an exchange with an endpoint began. */
    private static final Counter REQUESTS = Counter.build(
                    "kingcdn_edge_upstream_requests_total",
                    "Attempts at origins, by the class of their status or their failure.")
            .labelNames("result")
            .register();

    private static final Counter BODY_FAILURES = Counter.build(
                    "kingcdn_edge_upstream_body_failures_total", "Origin responses that failed after their head.")
            .labelNames("kind")
            .register();

    static final Counter RETRIES = Counter.build(
                    "kingcdn_edge_upstream_retries_total", "Requests sent to an origin a second time after a failure.")
            .register();

    static final Counter RECEIVED_BYTES = Counter.build(
                    "kingcdn_edge_upstream_received_bytes_total", "Bytes of content received from origins.")
            .register();

    static final Gauge IN_FLIGHT = Gauge.build(
                    "kingcdn_edge_upstream_in_flight_requests", "Exchanges with origins whose content has not ended.")
            .register();

    static final Gauge DOWN = Gauge.build(
                    "kingcdn_edge_upstream_down_endpoints", "Origin endpoints left alone because of failures in a row.")
            .register();

    static final Histogram HEAD_SECONDS = Histogram.build(
                    "kingcdn_edge_upstream_head_seconds", "From sending a request to an origin to its response's head.")
            .buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
            .register();

    private static final Counter.Child[] BY_CLASS = new Counter.Child[6];
    private static final Map<UpstreamException.Kind, Counter.Child> BY_KIND =
            new EnumMap<>(UpstreamException.Kind.class);
    private static final Map<UpstreamException.Kind, Counter.Child> BODY_BY_KIND =
            new EnumMap<>(UpstreamException.Kind.class);

    static {
        for (int i = 2; i < BY_CLASS.length; i++) {
            BY_CLASS[i] = REQUESTS.labels(i + "xx");
        }
        for (UpstreamException.Kind kind : UpstreamException.Kind.values()) {
            String label = kind.name().toLowerCase(Locale.ROOT);
            BY_KIND.put(kind, REQUESTS.labels(label));
            BODY_BY_KIND.put(kind, BODY_FAILURES.labels(label));
        }
    }

    private UpstreamMetrics() {}

    /** Notes a head with a status from 200 to 599. */
    static void answered(int status, long nanos) {
        BY_CLASS[status / 100].inc();
        HEAD_SECONDS.observe(nanos / Collector.NANOSECONDS_PER_SECOND);
    }

    static void failed(UpstreamException.Kind kind) {
        count(BY_KIND, kind);
    }

    static void bodyFailed(UpstreamException.Kind kind) {
        count(BODY_BY_KIND, kind);
    }

    private static void count(Map<UpstreamException.Kind, Counter.Child> children, UpstreamException.Kind kind) {
        Objects.requireNonNull(children.get(kind)).inc();
    }
}
