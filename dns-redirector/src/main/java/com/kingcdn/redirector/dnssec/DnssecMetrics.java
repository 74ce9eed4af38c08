package com.kingcdn.redirector.dnssec;

import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What operators see of signing. */
final class DnssecMetrics {

    private static final Counter SIGNATURES = Counter.build(
                    "kingcdn_redirector_dnssec_signatures_total", "Signatures made, by what for.")
            .labelNames("purpose")
            .register();
    private static final Counter OVER_BUDGET = Counter.build(
                    "kingcdn_redirector_dnssec_over_budget_total",
                    "Signatures for names only a query brought up that were not made; the answers had the zone's own proofs.")
            .register();
    private static final Gauge CACHED = Gauge.build("kingcdn_redirector_dnssec_cached_signatures", "Signatures kept.")
            .register();
    private static final Gauge AWAITING = Gauge.build(
                    "kingcdn_redirector_dnssec_zones_awaiting_ds",
                    "Zones whose rollover goes on when the operator has said that the DS at the parent has changed.")
            .register();
    private static final Counter FAILURES = Counter.build(
                    "kingcdn_redirector_dnssec_key_failures_total",
                    "Attempts to read or write keys that failed; those in use stayed.")
            .register();
    private static final Map<SignaturePurpose, Counter.Child> BY_PURPOSE = byPurpose();

    private DnssecMetrics() {}

    private static Map<SignaturePurpose, Counter.Child> byPurpose() {
        Map<SignaturePurpose, Counter.Child> result = new EnumMap<>(SignaturePurpose.class);
        for (SignaturePurpose purpose : SignaturePurpose.values()) {
            result.put(purpose, SIGNATURES.labels(purpose.name().toLowerCase(Locale.ROOT)));
        }
        return result;
    }

    static void signed(SignaturePurpose purpose) {
        Objects.requireNonNull(BY_PURPOSE.get(purpose)).inc();
    }

    static void overBudget() {
        OVER_BUDGET.inc();
    }

    static void cached(long signatures) {
        CACHED.set((double) signatures);
    }

    static void awaitingDs(long zones) {
        AWAITING.set((double) zones);
    }

    static void failed() {
        FAILURES.inc();
    }
}
