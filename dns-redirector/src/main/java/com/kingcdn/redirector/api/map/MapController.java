package com.kingcdn.redirector.api.map;

import com.kingcdn.redirector.api.ExchangeLoop;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** {@code /v1/map}: which clusters there are, how they are, and where clients go. */
@RestController
final class MapController {

    private final MapFeed feed;

    MapController(MapFeed feed) {
        this.feed = feed;
    }

    @GetMapping("/v1/map")
    Mono<ResponseEntity<MapDocument>> map(@RequestParam(defaultValue = "") String distribution) {
        return feed.document(distribution)
                .map(document ->
                        ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(document));
    }

    @GetMapping(path = "/v1/map/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<ServerSentEvent<Object>> events(
            @RequestParam(defaultValue = "") String distribution, ServerWebExchange exchange) {
        return feed.follow(distribution).publishOn(Schedulers.fromExecutor(ExchangeLoop.of(exchange)), 1);
    }
}
