package com.kingcdn.edge.signing;

import io.prometheus.client.Counter;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** The metrics of tokens; labelled children are looked up once. */
final class SigningMetrics {

    private static final Counter CHECKED = Counter.build(
                    "kingcdn_edge_signature_checks_total", "Requests that needed a token, by what came of it.")
            .labelNames("result")
            .register();

    private static final Map<SignatureResult, Counter.Child> BY_RESULT = new EnumMap<>(SignatureResult.class);

    static {
        for (SignatureResult result : SignatureResult.values()) {
            BY_RESULT.put(result, CHECKED.labels(result.label()));
        }
    }

    private SigningMetrics() {}

    static void checked(SignatureResult result) {
        Objects.requireNonNull(BY_RESULT.get(result)).inc();
    }
}
