package com.kingcdn.redirector.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.kingcdn.control.HealthReport;
import com.kingcdn.control.PurgeRequest;
import com.kingcdn.redirector.health.ClusterHealth;
import com.kingcdn.redirector.health.NodeHealth;
import com.kingcdn.redirector.registry.PurgeRegistry;
import com.kingcdn.redirector.registry.PurgeRegistry.NodeReceipt;
import com.kingcdn.redirector.registry.PurgeRegistry.PurgeRecord;
import com.kingcdn.redirector.registry.Registries;
import io.prometheus.client.Counter;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** {@code /v1/purges}: what edges are to forget, and which of them have. */
@RestController
@RequestMapping("/v1/purges")
final class PurgeController {

    private static final Counter ACCEPTED = Counter.build(
                    "kingcdn_redirector_purges_accepted", "Purges accepted into the numbered log")
            .register();

    /** @param sequence of its event in the numbered log */
    record Accepted(String id, long sequence) {}

    /** @param complete whether every edge that is alive now has applied it */
    record Shown(
            String id,
            long sequence,
            Instant acceptedAt,
            @JsonUnwrapped PurgeRequest request,
            boolean complete,
            List<Receipt> receipts,
            List<Missing> missing) {}

    /** @param entries how many stored responses of the purge's URLs went; those of prefixes, tags and the like are not counted */
    record Receipt(String node, String cluster, Instant appliedAt, long entries) {}

    /** A live edge that has not applied the purge yet. */
    record Missing(String node, String cluster, long appliedSequence) {}

    private final Registries registries;
    private final PurgeRegistry purges;
    private final ClusterHealth health;
    private final ApiClocks clocks;

    PurgeController(Registries registries, ClusterHealth health, ApiClocks clocks) {
        this.registries = registries;
        this.purges = registries.purges();
        this.health = health;
        this.clocks = clocks;
    }

    /** {@code POST}, as a {@linkplain DirectCalls direct call}. */
    CompletableFuture<Reply> accept(PurgeRequest request) {
        PurgeRules.check(request, registries.config().require());
        return purges.accept(request, clocks.wall().millis()).thenApply(event -> {
            ACCEPTED.inc();
            return new Reply(
                    HttpStatus.ACCEPTED.value(),
                    DirectCalls.PURGES + "/" + event.id(),
                    new Accepted(event.id(), event.sequence()));
        });
    }

    @GetMapping("/{id}")
    Mono<Shown> get(@PathVariable String id) {
        return Replies.found(purges.find(id).map(this::show), "purge", id);
    }

    private Shown show(PurgeRecord purge) {
        long sequence = purge.event().sequence();
        List<Missing> missing = health.live(clocks.monotonic()).stream()
                .map(NodeHealth::report)
                // an edge that came later has nothing of before: it needs no receipt
                .filter(report -> report.appliedSequence() < sequence && !hasReceipt(purge, report))
                .map(report -> new Missing(report.node(), report.cluster(), report.appliedSequence()))
                .toList();
        return new Shown(
                purge.event().id(),
                sequence,
                Instant.ofEpochMilli(purge.event().acceptedAtMillis()),
                purge.event().request(),
                missing.isEmpty(),
                purge.receipts().stream().map(PurgeController::show).toList(),
                missing);
    }

    private static boolean hasReceipt(PurgeRecord purge, HealthReport report) {
        return purge.receipts().stream().anyMatch(receipt -> receipt.node().equals(report.node()));
    }

    private static Receipt show(NodeReceipt receipt) {
        return new Receipt(
                receipt.node(),
                receipt.cluster(),
                Instant.ofEpochMilli(receipt.receipt().appliedAtMillis()),
                receipt.receipt().entries());
    }
}
