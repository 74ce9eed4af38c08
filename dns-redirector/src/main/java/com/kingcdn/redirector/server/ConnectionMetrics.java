package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.Transport;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.time.Instant;
import java.util.EnumSet;

/** What the redirector counts about connections over which it is asked. */
final class ConnectionMetrics {

    private static final Gauge OPEN = Gauge.build(
                    "kingcdn_redirector_connections", "Open connections of clients, by transport.")
            .labelNames("transport")
            .register();
    private static final Counter REFUSED = Counter.build(
                    "kingcdn_redirector_connections_refused_total",
                    "Connections closed at once, since there were too many of one client or in all.")
            .labelNames("transport")
            .register();
    private static final Counter IDLE = Counter.build(
                    "kingcdn_redirector_connections_idle_total",
                    "Connections closed since no query came, or its answers were not taken, for too long.")
            .register();
    private static final Counter UNFINISHED = Counter.build(
                    "kingcdn_redirector_connections_unfinished_total",
                    "Connections closed since unfinished messages took too much memory in all, and theirs was the oldest.")
            .register();
    private static final Gauge CERTIFICATE = Gauge.build(
                    "kingcdn_redirector_tls_expiry_timestamp_seconds",
                    "When the certificate expires that is shown, Unix time, by transport.")
            .labelNames("transport")
            .register();

    private ConnectionMetrics() {}

    /** Makes all series appear, at zero. */
    static void register() {
        for (Transport transport : EnumSet.complementOf(EnumSet.of(Transport.UDP))) {
            OPEN.labels(transport.label());
            REFUSED.labels(transport.label());
        }
    }

    /** One is shown from now on. */
    static void certificate(Transport transport, Instant expires) {
        CERTIFICATE.labels(transport.label()).set((double) expires.getEpochSecond());
    }

    static void opened(Transport transport) {
        OPEN.labels(transport.label()).inc();
    }

    static void closed(Transport transport) {
        OPEN.labels(transport.label()).dec();
    }

    static void refused(Transport transport) {
        REFUSED.labels(transport.label()).inc();
    }

    static void idle() {
        IDLE.inc();
    }

    static void unfinished() {
        UNFINISHED.inc();
    }
}
