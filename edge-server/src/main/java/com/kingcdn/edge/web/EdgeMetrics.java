package com.kingcdn.edge.web;

import io.prometheus.client.Collector;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** The metrics of the content port, process-wide; labelled children are looked up once. */
final class EdgeMetrics {

    private static final Counter REQUESTS = Counter.build(
                    "kingcdn_edge_requests_total",
                    "Requests answered, by what became of them, the class of their status and the version of HTTP.")
            .labelNames("outcome", "status", "protocol")
            .register();

    private static final Counter BYTES = Counter.build(
                    "kingcdn_edge_response_bytes_total", "Bytes of content sent to clients.")
            .labelNames("outcome")
            .register();

    private static final Counter REFUSED = Counter.build(
                    "kingcdn_edge_refused_requests_total", "Requests the edge answered by itself, by reason.")
            .labelNames("reason")
            .register();

    static final Counter ABORTED = Counter.build(
                    "kingcdn_edge_aborted_responses_total", "Responses that ended before their content did.")
            .register();

    static final Gauge IN_FLIGHT = Gauge.build(
                    "kingcdn_edge_in_flight_requests", "Requests whose response has not ended.")
            .register();

    static final Gauge CONNECTIONS =
            Gauge.build("kingcdn_edge_connections", "Open client connections.").register();

    static final Counter ACCEPT_FAILURES = Counter.build(
                    "kingcdn_edge_accept_failures_total",
                    "Times that no connection could be accepted, for want of files above all; then none is for a second.")
            .register();

    static final Gauge TRANSPORT = Gauge.build(
                    "kingcdn_edge_transport_info", "The network transport in use: 1 for the one named.")
            .labelNames("transport")
            .register();

    private static final Counter HANDSHAKES = Counter.build(
                    "kingcdn_edge_tls_handshakes_total",
                    "TLS handshakes, by the protocol that was agreed on, or failed.")
            .labelNames("result")
            .register();

    static final Counter.Child HANDSHAKES_HTTP2 = HANDSHAKES.labels("http2");
    static final Counter.Child HANDSHAKES_HTTP3 = HANDSHAKES.labels("http3");
    static final Counter.Child HANDSHAKES_HTTP11 = HANDSHAKES.labels("http11");
    static final Counter.Child HANDSHAKES_FAILED = HANDSHAKES.labels("failed");

    private static final Counter HTTP2_CLOSED = Counter.build(
                    "kingcdn_edge_http2_closed_connections_total", "HTTP/2 connections that the edge ended, by why.")
            .labelNames("reason")
            .register();

    static final Counter HTTP2_STREAM_ERRORS = Counter.build(
                    "kingcdn_edge_http2_stream_errors_total",
                    "HTTP/2 streams reset because what came on them was not valid.")
            .register();

    private static final Counter HTTP3_CLOSED = Counter.build(
                    "kingcdn_edge_http3_closed_connections_total", "HTTP/3 connections that the edge ended, by why.")
            .labelNames("reason")
            .register();

    static final Counter HTTP3_STREAM_ERRORS = Counter.build(
                    "kingcdn_edge_http3_stream_errors_total",
                    "HTTP/3 streams reset because what came on them was not valid.")
            .register();

    static final Counter DATAGRAMS_DROPPED = Counter.build(
                    "kingcdn_edge_quic_dropped_datagrams_total",
                    "Datagrams that no QUIC connection begins with, dropped unread.")
            .register();

    private static final Histogram HEAD_SECONDS = Histogram.build(
                    "kingcdn_edge_head_seconds", "From a request's head to its response's head.")
            .buckets(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
            .register();

    private static final Histogram.Child HEAD = HEAD_SECONDS.labels();

    private static final int STATUS_CLASSES = 6;

    private static final Map<Protocol, Map<Outcome, Counter.Child[]>> BY_PROTOCOL = new EnumMap<>(Protocol.class);
    private static final Map<Outcome, Counter.Child> BYTES_BY_OUTCOME = new EnumMap<>(Outcome.class);
    private static final Map<Refusal, Counter.Child> BY_REFUSAL = new EnumMap<>(Refusal.class);

    static {
        for (ConnectionClosing reason : ConnectionClosing.values()) {
            HTTP2_CLOSED.labels(reason.label());
            HTTP3_CLOSED.labels(reason.label());
        }
        for (Protocol protocol : Protocol.values()) {
            BY_PROTOCOL.put(protocol, children(protocol));
        }
        for (Outcome outcome : Outcome.values()) {
            BYTES_BY_OUTCOME.put(outcome, BYTES.labels(outcome.label()));
        }
        for (Refusal refusal : Refusal.values()) {
            BY_REFUSAL.put(refusal, REFUSED.labels(refusal.label()));
        }
    }

    private EdgeMetrics() {}

    private static Map<Outcome, Counter.Child[]> children(Protocol protocol) {
        Map<Outcome, Counter.Child[]> byOutcome = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            Counter.Child[] byStatus = new Counter.Child[STATUS_CLASSES];
            for (int statusClass = 0; statusClass < STATUS_CLASSES; statusClass++) {
                // nothing is answered with 1xx or 0: such a mistake would still be counted
                byStatus[statusClass] =
                        REQUESTS.labels(outcome.label(), Math.max(2, statusClass) + "xx", protocol.label());
            }
            byOutcome.put(outcome, byStatus);
        }
        return byOutcome;
    }

    static void answered(Protocol protocol, Outcome outcome, int status, long nanos) {
        Map<Outcome, Counter.Child[]> byOutcome = Objects.requireNonNull(BY_PROTOCOL.get(protocol));
        Objects.requireNonNull(byOutcome.get(outcome))[Math.min(STATUS_CLASSES - 1, status / 100)].inc();
        HEAD.observe(nanos / Collector.NANOSECONDS_PER_SECOND);
    }

    static void sent(Outcome outcome, long bytes) {
        Objects.requireNonNull(BYTES_BY_OUTCOME.get(outcome)).inc((double) bytes);
    }

    static void refused(Refusal refusal) {
        Objects.requireNonNull(BY_REFUSAL.get(refusal)).inc();
    }

    static void http2Closed(ConnectionClosing reason) {
        HTTP2_CLOSED.labels(reason.label()).inc();
    }

    static double http2ClosedSoFar(ConnectionClosing reason) {
        return HTTP2_CLOSED.labels(reason.label()).get();
    }

    static void http3Closed(ConnectionClosing reason) {
        HTTP3_CLOSED.labels(reason.label()).inc();
    }

    static double http3ClosedSoFar(ConnectionClosing reason) {
        return HTTP3_CLOSED.labels(reason.label()).get();
    }

    static long requests() {
        double sum = 0;
        for (Map<Outcome, Counter.Child[]> byOutcome : BY_PROTOCOL.values()) {
            for (Counter.Child[] byStatus : byOutcome.values()) {
                for (int statusClass = 2; statusClass < byStatus.length; statusClass++) {
                    sum += byStatus[statusClass].get();
                }
            }
        }
        return (long) sum;
    }

    static long bytesSent() {
        double sum = 0;
        for (Counter.Child bytes : BYTES_BY_OUTCOME.values()) {
            sum += bytes.get();
        }
        return (long) sum;
    }
}
