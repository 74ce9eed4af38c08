package com.kingcdn.edge.push;

import io.prometheus.client.Counter;

/** What fills count; docs/metrics.md says what each means. */
final class PushMetrics {

    private static final Counter PATHS = Counter.build(
                    "kingcdn_edge_fill_paths_total", "Paths of fills, by how they ended.")
            .labelNames("result")
            .register();

    static final Counter FILLS =
            Counter.build("kingcdn_edge_fills_total", "Fill plans taken up.").register();
    static final Counter BYTES = Counter.build("kingcdn_edge_fill_bytes_total", "Octets of content fetched for fills.")
            .register();
    static final Counter.Child FILLED = PATHS.labels("done");
    static final Counter.Child FAILED = PATHS.labels("failed");

    private PushMetrics() {}
}
