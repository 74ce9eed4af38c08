package com.kingcdn.redirector.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.kingcdn.redirector.dnssec.KeyException;
import com.kingcdn.redirector.dnssec.ZoneKeyReport;
import com.kingcdn.redirector.dnssec.ZoneKeys;
import java.util.function.Supplier;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;

/** {@code /v1/zones/ZONE}: what belongs at the parent of a signed zone, and the replacing of its keys. */
@RestController
@RequestMapping("/v1/zones/{zone}")
final class SigningController {

    /** Which key to replace. */
    enum Role {
        @JsonProperty("csk")
        CSK,
        @JsonProperty("ksk")
        KSK,
        @JsonProperty("zsk")
        ZSK
    }

    /** @param key the one to be replaced */
    record Rollover(@JsonProperty(required = true) Role key) {}

    private final ZoneKeys keys;

    SigningController(ZoneKeys keys) {
        this.keys = keys;
    }

    @GetMapping("/ds")
    Mono<ZoneKeyReport> ds(@PathVariable String zone) {
        return Replies.blocking(() -> report(zone));
    }

    @PostMapping(path = "/rollover", consumes = MediaType.APPLICATION_JSON_VALUE)
    Mono<ZoneKeyReport> roll(@PathVariable String zone, @RequestBody Rollover wanted) {
        return change(
                zone,
                () -> keys.roll(zone, wanted.key != Role.ZSK),
                "zone '" + zone + "' has no such key, or it is being replaced already");
    }

    @PostMapping("/ds-published")
    Mono<ZoneKeyReport> dsPublished(@PathVariable String zone) {
        return change(
                zone, () -> keys.dsPublished(zone), "no change of the DS of zone '" + zone + "' is awaited at present");
    }

    private Mono<ZoneKeyReport> change(String zone, Supplier<Boolean> change, String otherwise) {
        return Replies.blocking(() -> {
            report(zone);
            try {
                if (!change.get()) {
                    throw new ResponseStatusException(HttpStatus.CONFLICT, otherwise);
                }
            } catch (KeyException e) {
                throw new ResponseStatusException(HttpStatus.CONFLICT, e.getMessage(), e);
            }
            return report(zone);
        });
    }

    private ZoneKeyReport report(String zone) {
        return keys.report(zone).orElseThrow(() -> Replies.missing("signed zone", zone));
    }
}
