package com.kingcdn.redirector.api;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;

/** {@code GET /v1/events}: the numbered log as server-sent events, from where an edge left off. */
@RestController
final class EventController {

    private final EventFeed feed;

    EventController(EventFeed feed) {
        this.feed = feed;
    }

    @GetMapping(path = "/v1/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Mono<Void> events(@RequestHeader("Last-Event-ID") @Nullable String lastEventId, ServerHttpResponse response) {
        @Nullable Long last = lastEventId == null ? null : number(lastEventId);
        response.getHeaders().setContentType(MediaType.TEXT_EVENT_STREAM);
        return response.writeAndFlushWith(feed.follow(last)
                .map(events -> Mono.just(response.bufferFactory().wrap(events))));
    }

    private static long number(String lastEventId) {
        try {
            long number = Long.parseLong(lastEventId.strip());
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw new ResponseStatusException(
                HttpStatus.BAD_REQUEST, "Last-Event-ID must be the number of an event, as it came with one");
    }
}
