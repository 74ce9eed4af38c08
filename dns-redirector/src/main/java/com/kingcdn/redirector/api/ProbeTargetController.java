package com.kingcdn.redirector.api;

import com.kingcdn.control.ProbeTargets;
import com.kingcdn.redirector.registry.ConfigRegistry;
import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.rtt.AskingResolvers;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** {@code GET /v1/probe-targets}: whom edges shall probe, with an entity tag, since it seldom changes. */
@RestController
final class ProbeTargetController {

    /** Of the resolvers some are left out, so more of them are looked at than may be in the list. */
    private static final int LOOKED_AT = 2;

    private final ConfigRegistry config;
    private final AskingResolvers resolvers;

    ProbeTargetController(ConfigRegistry config, AskingResolvers resolvers) {
        this.config = config;
        this.resolvers = resolvers;
    }

    /** Answered with 304 by the framework when the edge knows this tag (RFC 9110 section 13.1.2). */
    @GetMapping(ProbeTargets.PATH)
    Mono<ResponseEntity<ProbeTargets>> targets() {
        // with many resolvers known, ranking them takes a while
        return Replies.blocking(this::current);
    }

    private ResponseEntity<ProbeTargets> current() {
        Configuration current = config.require();
        ProbeTargets targets = ProbeTargetList.of(
                current, resolvers.ranked(LOOKED_AT * current.probe().mostTargets()));
        return ResponseEntity.ok()
                .eTag(ProbeTargetList.tag(targets))
                .cacheControl(CacheControl.noCache())
                .body(targets);
    }
}
