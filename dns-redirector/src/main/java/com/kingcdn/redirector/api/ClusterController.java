package com.kingcdn.redirector.api;

import com.kingcdn.redirector.registry.ConfigRegistry;
import com.kingcdn.topology.Cluster;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/clusters}: the clusters, their health and load, and which of them are drained. */
@RestController
@RequestMapping("/v1/clusters")
final class ClusterController {

    private static final String KIND = "cluster";

    private final ConfigRegistry config;
    private final ClusterView view;

    ClusterController(ConfigRegistry config, ClusterView view) {
        this.config = config;
        this.view = view;
    }

    @GetMapping
    Map<String, List<ClusterView.Shown>> list() {
        return Map.of(
                "clusters", config.require().clusters().stream().map(view::show).toList());
    }

    @GetMapping("/{id}")
    Mono<ClusterView.Shown> get(@PathVariable String id) {
        return Replies.found(config.require().cluster(id).map(view::show), KIND, id);
    }

    @PutMapping(path = "/{id}", consumes = MediaType.APPLICATION_JSON_VALUE)
    Mono<ResponseEntity<ClusterView.Shown>> put(@PathVariable String id, @RequestBody ObjectNode body) {
        return Replies.blocking(() -> {
            Cluster cluster = ObjectBody.read(body, id, Cluster.class);
            boolean created = config.putCluster(cluster);
            return ResponseEntity.status(created ? HttpStatus.CREATED : HttpStatus.OK)
                    .body(view.show(cluster));
        });
    }

    @DeleteMapping("/{id}")
    Mono<ResponseEntity<Void>> delete(@PathVariable String id) {
        return Replies.blocking(() -> {
            if (!config.removeCluster(id)) {
                throw Replies.missing(KIND, id);
            }
            return ResponseEntity.noContent().build();
        });
    }

    @PostMapping("/{id}/drain")
    Mono<ClusterView.Shown> drain(@PathVariable String id) {
        return drain(id, true);
    }

    @PostMapping("/{id}/undrain")
    Mono<ClusterView.Shown> undrain(@PathVariable String id) {
        return drain(id, false);
    }

    private Mono<ClusterView.Shown> drain(String id, boolean value) {
        return Replies.blocking(() -> view.show(config.drain(id, value).orElseThrow(() -> Replies.missing(KIND, id))));
    }
}
