package com.kingcdn.redirector.api;

import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.registry.FillRegistry;
import com.kingcdn.redirector.registry.FillRegistry.FillRecord;
import com.kingcdn.redirector.registry.FillRegistry.NodeProgress;
import com.kingcdn.redirector.registry.Registries;
import com.kingcdn.topology.Cluster;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** {@code /v1/fills}: what edges fetch and pin ahead of demand, and how far they are. */
@RestController
@RequestMapping("/v1/fills")
final class FillController {

    private static final String KIND = "fill";

    /** What no request's path has. */
    private static final Pattern IMPOSSIBLE = Pattern.compile("[^!-~]|#|%(?![0-9A-Fa-f]{2})");

    /** @param sequence of its event in the numbered log */
    record Accepted(String id, long sequence) {}

    /** @param complete whether every node of its clusters is done */
    record Shown(
            String id,
            long sequence,
            Instant acceptedAt,
            FillPlan plan,
            boolean cancelled,
            boolean complete,
            List<NodeShown> progress) {}

    /** How far a node of the named clusters is; without a state when it has not said anything yet. */
    record NodeShown(
            String node,
            String cluster,
            FillProgress.@Nullable State state,
            int pathsDone,
            int pathsFailed,
            int pathsTotal,
            long bytes,
            @Nullable String error) {}

    private final Registries registries;
    private final FillRegistry fills;
    private final ApiClocks clocks;

    FillController(Registries registries, ApiClocks clocks) {
        this.registries = registries;
        this.fills = registries.fills();
        this.clocks = clocks;
    }

    @GetMapping
    Map<String, List<Shown>> list() {
        return Map.of("fills", fills.all().stream().map(this::show).toList());
    }

    @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
    Mono<ResponseEntity<Accepted>> post(@RequestBody FillPlan plan) {
        check(plan);
        return Replies.stored(() -> fills.accept(plan, clocks.wall().millis())).map(event -> ResponseEntity.accepted()
                .location(URI.create("/v1/fills/" + event.id()))
                .body(new Accepted(event.id(), event.sequence())));
    }

    private void check(FillPlan plan) {
        Configuration config = registries.config().require();
        if (config.distribution(plan.distribution()).isEmpty()) {
            throw new UnprocessableException("/distribution", "there is no distribution '" + plan.distribution() + "'");
        }
        for (int i = 0; i < plan.paths().size(); i++) {
            if (IMPOSSIBLE.matcher(plan.paths().get(i)).find()) {
                throw new UnprocessableException(
                        "/paths/" + i,
                        "a path has visible ASCII characters alone, no '#', and two hexadecimal digits behind each '%';"
                                + " percent-encode others");
            }
        }
        for (int i = 0; i < plan.clusters().size(); i++) {
            if (config.cluster(plan.clusters().get(i)).isEmpty()) {
                throw new UnprocessableException(
                        "/clusters/" + i,
                        "there is no cluster '" + plan.clusters().get(i) + "'");
            }
        }
        if (plan.notAfter() != null && !plan.notAfter().isAfter(clocks.wall().instant())) {
            throw new UnprocessableException("/notAfter", "the window has ended already");
        }
    }

    @GetMapping("/{id}")
    Mono<Shown> get(@PathVariable String id) {
        return Replies.found(fills.find(id).map(this::show), KIND, id);
    }

    @DeleteMapping("/{id}")
    Mono<ResponseEntity<Void>> cancel(@PathVariable String id) {
        return Replies.stored(() -> fills.cancel(id, clocks.wall().millis()))
                .flatMap(known ->
                        known ? Mono.just(ResponseEntity.noContent().build()) : Mono.error(Replies.missing(KIND, id)));
    }

    private Shown show(FillRecord fill) {
        FillPlan plan = fill.event().plan();
        List<NodeShown> nodes = registries.config().require().clusters().stream()
                .filter(cluster -> plan.clusters().isEmpty() || plan.clusters().contains(cluster.id()))
                .flatMap(cluster -> nodes(cluster, fill))
                .toList();
        return new Shown(
                fill.event().id(),
                fill.event().sequence(),
                Instant.ofEpochMilli(fill.acceptedAtMillis()),
                plan,
                fill.cancelled(),
                nodes.stream().allMatch(node -> node.state == FillProgress.State.DONE),
                nodes);
    }

    private static Stream<NodeShown> nodes(Cluster cluster, FillRecord fill) {
        return cluster.nodes().stream().map(node -> {
            Optional<FillProgress> progress = fill.progress().stream()
                    .filter(each -> each.node().equals(node.id()))
                    .map(NodeProgress::progress)
                    .findFirst();
            return new NodeShown(
                    node.id(),
                    cluster.id(),
                    progress.map(FillProgress::state).orElse(null),
                    progress.map(FillProgress::pathsDone).orElse(0),
                    progress.map(FillProgress::pathsFailed).orElse(0),
                    progress.map(FillProgress::pathsTotal)
                            .orElse(fill.event().plan().paths().size()),
                    progress.map(FillProgress::bytes).orElse(0L),
                    progress.map(FillProgress::error).orElse(null));
        });
    }
}
