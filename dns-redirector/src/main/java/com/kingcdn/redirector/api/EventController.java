package com.kingcdn.redirector.api;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.ControlJson;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Flux;

/** {@code GET /v1/events}: the numbered log as server-sent events, from where an edge left off. */
@RestController
final class EventController {

    private final EventFeed feed;

    EventController(EventFeed feed) {
        this.feed = feed;
    }

    @GetMapping(path = "/v1/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<ServerSentEvent<String>> events(@RequestHeader("Last-Event-ID") @Nullable String lastEventId) {
        return feed.follow(lastEventId == null ? null : number(lastEventId)).map(EventController::frame);
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

    private static ServerSentEvent<String> frame(ControlEvent event) {
        String json = ControlJson.mapper().writerFor(ControlEvent.class).writeValueAsString(event);
        ServerSentEvent.Builder<String> frame = ServerSentEvent.builder(json);
        if (event instanceof ControlEvent.Config) {
            frame.event("config");
        } else if (event instanceof ControlEvent.Reset) {
            frame.event("reset");
        } else if (event instanceof ControlEvent.Heartbeat) {
            frame.event("heartbeat");
        } else if (event instanceof ControlEvent.Purge purge) {
            frame.event("purge").id(Long.toString(purge.sequence()));
        } else if (event instanceof ControlEvent.Fill fill) {
            frame.event("fill").id(Long.toString(fill.sequence()));
        } else if (event instanceof ControlEvent.FillCancelled cancelled) {
            frame.event("fill-cancelled").id(Long.toString(cancelled.sequence()));
        }
        return frame.build();
    }
}
