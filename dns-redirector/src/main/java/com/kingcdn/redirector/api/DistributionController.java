package com.kingcdn.redirector.api;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.kingcdn.control.ControlJson;
import com.kingcdn.redirector.registry.ConfigRegistry;
import com.kingcdn.topology.Distribution;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/distributions}: customers' hosts and origins. */
@RestController
@RequestMapping("/v1/distributions")
final class DistributionController {

    private static final String KIND = "distribution";

    /**
     * @param distribution without its secrets
     * @param source {@code file} or {@code api}: where it is changed
     */
    record Shown(@JsonAnyGetter Map<String, JsonNode> distribution, String source, Status status) {}

    /** @param edgeHostname what the customer's host is an alias of */
    record Status(String edgeHostname) {}

    private final ConfigRegistry config;

    DistributionController(ConfigRegistry config) {
        this.config = config;
    }

    @GetMapping
    Map<String, List<Shown>> list() {
        return Map.of(
                "distributions",
                config.require().distributions().stream().map(this::show).toList());
    }

    @GetMapping("/{id}")
    Mono<Shown> get(@PathVariable String id) {
        return Replies.found(config.require().distribution(id).map(this::show), KIND, id);
    }

    @PutMapping(path = "/{id}", consumes = MediaType.APPLICATION_JSON_VALUE)
    Mono<ResponseEntity<Shown>> put(@PathVariable String id, @RequestBody ObjectNode body) {
        return Replies.blocking(() -> {
            SigningSecrets.reveal(body, config.require().distribution(id));
            Distribution distribution = ObjectBody.read(body, id, Distribution.class);
            boolean created = config.putDistribution(distribution);
            return ResponseEntity.status(created ? HttpStatus.CREATED : HttpStatus.OK)
                    .body(show(distribution));
        });
    }

    @DeleteMapping("/{id}")
    Mono<ResponseEntity<Void>> delete(@PathVariable String id) {
        return Replies.blocking(() -> {
            if (!config.removeDistribution(id)) {
                throw Replies.missing(KIND, id);
            }
            return ResponseEntity.noContent().build();
        });
    }

    private Shown show(Distribution distribution) {
        Map<String, JsonNode> members = new LinkedHashMap<>();
        ObjectNode json = ControlJson.mapper().valueToTree(distribution);
        SigningSecrets.mask(json).properties().forEach(member -> members.put(member.getKey(), member.getValue()));
        return new Shown(
                members,
                config.require().isDistributionOfFile(distribution.id()) ? "file" : "api",
                new Status(distribution.id() + "." + config.require().cdnZone()));
    }
}
