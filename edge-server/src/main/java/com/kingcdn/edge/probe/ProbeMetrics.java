package com.kingcdn.edge.probe;

import com.kingcdn.control.RttMethod;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.util.EnumMap;
import java.util.Map;

/** What operators see of the measuring. */
final class ProbeMetrics {

    private static final Counter PROBES = Counter.build("kingcdn_edge_probes", "Probes, by what came of them")
            .labelNames("method", "result")
            .register();
    private static final Gauge TARGETS = Gauge.build("kingcdn_edge_probe_targets", "Targets of probes")
            .labelNames("state")
            .register();
    static final Counter PASSIVE = Counter.build(
                    "kingcdn_edge_passive_rtt_samples",
                    "Round-trip times read from the kernel for clients' connections")
            .register();
    static final Gauge.Child ANSWERING = TARGETS.labels("answering");
    static final Gauge.Child SILENT = TARGETS.labels("silent");
    static final Gauge.Child UNTRIED = TARGETS.labels("untried");

    private static final Map<RttMethod, Counter.Child> ANSWERED = by("answered");
    private static final Map<RttMethod, Counter.Child> LOST = by("lost");
    private static final Map<RttMethod, Counter.Child> UNSENT = by("unsent");

    private ProbeMetrics() {}

    private static Map<RttMethod, Counter.Child> by(String result) {
        Map<RttMethod, Counter.Child> children = new EnumMap<>(RttMethod.class);
        for (RttMethod method : new RttMethod[] {RttMethod.DNS, RttMethod.TCP, RttMethod.ICMP}) {
            children.put(method, PROBES.labels(method.text(), result));
        }
        return children;
    }

    static void answered(RttMethod method) {
        count(ANSWERED, method);
    }

    static void lost(RttMethod method) {
        count(LOST, method);
    }

    static void unsent(RttMethod method) {
        count(UNSENT, method);
    }

    private static void count(Map<RttMethod, Counter.Child> of, RttMethod method) {
        Counter.Child child = of.get(method);
        if (child != null) {
            child.inc();
        }
    }
}
