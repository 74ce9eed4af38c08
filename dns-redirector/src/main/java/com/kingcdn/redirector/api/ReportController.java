package com.kingcdn.redirector.api;

import com.kingcdn.control.HealthReport;
import com.kingcdn.control.LoadReport;
import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.Registries;
import io.prometheus.client.Counter;
import java.util.concurrent.CompletableFuture;
import org.springframework.http.HttpStatus;

/** {@code /v1/reports}, as {@linkplain DirectCalls direct calls}: what edges send. A report is accepted, and may be forgotten by its edge, with 204. */
final class ReportController {

    private static final Counter REPORTS = Counter.build("kingcdn_redirector_reports", "Reports accepted from edges")
            .labelNames("kind")
            .register();
    private static final Counter.Child HEALTH = REPORTS.labels("health");
    private static final Counter.Child LOAD = REPORTS.labels("load");
    private static final Counter.Child RTT = REPORTS.labels("rtt");

    private static final Reply ACCEPTED = new Reply(HttpStatus.NO_CONTENT.value(), null, null);

    private final Registries registries;
    private final ReportSinks sinks;
    private final ApiClocks clocks;

    ReportController(Registries registries, ReportSinks sinks, ApiClocks clocks) {
        this.registries = registries;
        this.sinks = sinks;
        this.clocks = clocks;
    }

    CompletableFuture<Reply> health(HealthReport report) {
        checkNode(report.node(), report.cluster());
        sinks.health().report(report, clocks.monotonic());
        HEALTH.inc();
        // 204 is the edge's leave to forget receipts, so they are durable first
        return CompletableFuture.allOf(
                        registries.purges().report(report.node(), report.cluster(), report.receipts()),
                        registries.fills().report(report.node(), report.cluster(), report.fills()))
                .thenApply(done -> ACCEPTED);
    }

    CompletableFuture<Reply> load(LoadReport report) {
        checkNode(report.node(), report.cluster());
        sinks.load().report(report, clocks.monotonic());
        LOAD.inc();
        return CompletableFuture.completedFuture(ACCEPTED);
    }

    CompletableFuture<Reply> rtt(RttReport report) {
        checkNode(report.node(), report.cluster());
        sinks.rtt().report(report, clocks.monotonic());
        RTT.inc();
        return CompletableFuture.completedFuture(ACCEPTED);
    }

    private void checkNode(String node, String cluster) {
        Configuration config = registries.config().require();
        boolean known = config.cluster(cluster).stream()
                .flatMap(found -> found.nodes().stream())
                .anyMatch(found -> found.id().equals(node));
        if (!known) {
            throw new UnprocessableException(
                    "/node",
                    "cluster '" + cluster + "' with node '" + node
                            + "' is not configured here: compare the edge's node and cluster with the configuration");
        }
    }
}
