package com.kingcdn.origin.web;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;

/** The metrics of reading content. */
public final class ContentMetrics {

    private static final String[] METHODS = {"GET", "HEAD", "other"};
    private static final int CLASSES = 6;

    private final Counter.Child[] requests = new Counter.Child[METHODS.length * CLASSES];
    private final Counter.Child sentBytes;
    private final Counter.Child dropped;

    public ContentMetrics(CollectorRegistry registry) {
        Counter total = Counter.build(
                        "kingcdn_origin_requests_total", "Requests for content, by method and class of status.")
                .labelNames("method", "status")
                .register(registry);
        for (int method = 0; method < METHODS.length; method++) {
            for (int status = 2; status < CLASSES; status++) {
                requests[method * CLASSES + status] = total.labels(METHODS[method], status + "xx");
            }
        }
        sentBytes = Counter.build("kingcdn_origin_sent_bytes_total", "Bytes of content sent to clients.")
                .register(registry)
                .labels();
        dropped = Counter.build(
                        "kingcdn_origin_access_log_dropped_lines_total",
                        "Access log lines lost because the log's device did not keep up.")
                .register(registry)
                .labels();
    }

    void answered(String method, int status) {
        int row = method.equals("GET") ? 0 : method.equals("HEAD") ? 1 : 2;
        requests[row * CLASSES + status / 100].inc();
    }

    void logLineDropped() {
        dropped.inc();
    }

    Counter.Child sentBytes() {
        return sentBytes;
    }
}
