package com.kingcdn.edge.tls;

import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.time.Instant;
import java.util.Collection;

/** The metrics of certificates; process-wide. */
final class TlsMetrics {

    private static final Gauge CERTIFICATES = Gauge.build(
                    "kingcdn_edge_tls_certificates", "Certificates by their state.")
            .labelNames("state")
            .register();

    private static final Gauge EARLIEST_EXPIRY = Gauge.build(
                    "kingcdn_edge_tls_earliest_expiry_timestamp_seconds",
                    "When the first of the certificates in use expires, Unix time; 0 without any.")
            .register();

    private static final Counter RELOADS = Counter.build(
                    "kingcdn_edge_tls_certificate_reads_total", "Certificates read because their files changed.")
            .labelNames("result")
            .register();

    static final Counter.Child RELOADS_DONE = RELOADS.labels("done");
    static final Counter.Child RELOADS_FAILED = RELOADS.labels("failed");

    private TlsMetrics() {}

    /** @param broken hosts whose files cannot be used, whatever is shown for them */
    static void loaded(Collection<ServerCertificate> inUse, int broken, Instant now) {
        int expired = (int)
                inUse.stream().filter(known -> known.notAfter().isBefore(now)).count();
        CERTIFICATES.labels("valid").set(inUse.size() - expired);
        CERTIFICATES.labels("expired").set(expired);
        CERTIFICATES.labels("broken").set(broken);
        EARLIEST_EXPIRY.set((double) inUse.stream()
                .mapToLong(known -> known.notAfter().getEpochSecond())
                .min()
                .orElse(0));
    }
}
