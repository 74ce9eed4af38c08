package com.kingcdn.redirector.server;

import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;

/** What the redirector counts about queries over UDP that it never sees. */
final class FloodMetrics {

    private static final Gauge FILTERED = Gauge.build(
                    "kingcdn_redirector_filtered_prefixes",
                    "Prefixes that flood, of whose queries over UDP the kernel lets in but a share.")
            .register();
    private static final Counter CHANGES = Counter.build(
                    "kingcdn_redirector_filter_changes_total", "Changes of what the kernel lets in over UDP.")
            .register();
    private static final Counter DROPPED = Counter.build(
                    "kingcdn_redirector_udp_dropped_total",
                    "Datagrams that the kernel dropped: filtered, or without room in a socket's queue.")
            .register();

    private FloodMetrics() {}

    /** Makes all series appear, at zero. */
    static void register() {
        // the static fields above do it
    }

    static void filtered(int prefixes) {
        FILTERED.set(prefixes);
        CHANGES.inc();
    }

    static void dropped(long datagrams) {
        DROPPED.inc((double) datagrams);
    }
}
