package com.kingcdn.control.client;

import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;

/** What the edge's operators see of its connection to the control plane. */
final class ControlMetrics {

    static final Gauge CONNECTED = Gauge.build(
                    "kingcdn_edge_control_connected", "1 while events are followed, 0 while the connection is lost.")
            .register();
    static final Counter CONNECTIONS_LOST = Counter.build(
                    "kingcdn_edge_control_connections_lost", "Event connections that ended or could not be opened.")
            .register();
    static final Counter EVENTS = Counter.build(
                    "kingcdn_edge_control_events", "Control events received, heartbeats too.")
            .register();
    private static final Counter REPORTS_FAILED = Counter.build(
                    "kingcdn_edge_control_reports_failed", "Reports that no redirector accepted.")
            .labelNames("report")
            .register();

    static {
        for (Report report : Report.values()) {
            REPORTS_FAILED.labels(report.segment);
        }
    }

    private ControlMetrics() {}

    static void failed(Report report) {
        REPORTS_FAILED.labels(report.segment).inc();
    }

    /** The kinds of report, as metric label and path segment. */
    enum Report {
        HEALTH("health"),
        LOAD("load"),
        RTT("rtt");

        private final String segment;

        Report(String segment) {
            this.segment = segment;
        }

        String path() {
            return "/v1/reports/" + segment;
        }
    }
}
