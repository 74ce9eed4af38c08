package com.kingcdn.control.client;

import com.kingcdn.control.ControlEvent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.timeout.ReadTimeoutException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;

/**
 * The endless loop of one event connection after the other.
 *
 * <p>The handler runs inside the chain of its connection, so the next connection is opened only after the last event of the one
 * before was handled, and asks for exactly what follows it. Demand goes back to the socket: a handler that is slow makes the
 * redirector wait, and nothing piles up here.
 */
final class EventFollower {

    private static final Logger log = LoggerFactory.getLogger(EventFollower.class);

    /** Heartbeats come each second: three missing is a lost connection. */
    static final Duration SILENCE = Duration.ofSeconds(3);

    /** A configuration of some tens of thousands of distributions. */
    private static final int MAX_EVENT_BYTES = 64 << 20;

    /** Of what was read from the socket at once. */
    private static final int PIECES_AHEAD = 4;

    private static final int MAX_LOGGED = 8;

    private final HttpClient http;
    private final ControlUrls urls;
    private final ControlEventReader reader;
    private final ControlEventHandler handler;
    private final ReconnectBackoff backoff = new ReconnectBackoff(new Random());

    /** What was logged since the connection was lost, so that a failure which lasts is logged once. */
    private final Set<String> logged = new HashSet<>();

    /** Since an event has come; of the scheduler's thread. */
    private boolean connected;

    EventFollower(HttpClient http, ControlUrls urls, ControlEventReader reader, ControlEventHandler handler) {
        this.http = http;
        this.urls = urls;
        this.reader = reader;
        this.handler = handler;
    }

    Disposable start(Scheduler scheduler) {
        return Mono.defer(() -> connection(scheduler))
                .onErrorResume(failure -> Mono.fromRunnable(() -> lost(failure)))
                .then(Mono.defer(() -> Mono.delay(backoff.next(), scheduler)))
                .repeat()
                .subscribeOn(scheduler)
                .doFinally(signal -> ControlMetrics.CONNECTED.set(0))
                .subscribe();
    }

    private Mono<Void> connection(Scheduler scheduler) {
        String url = ControlUrls.resolve(urls.current(), "/v1/events");
        OptionalLong last = handler.lastEventId();
        return http.headers(headers -> {
                    headers.set(HttpHeaderNames.ACCEPT, "text/event-stream");
                    last.ifPresent(id -> headers.set("Last-Event-ID", id));
                })
                .responseTimeout(SILENCE)
                .get()
                .uri(url)
                .response((response, content) -> events(url, response, content))
                .publishOn(scheduler, PIECES_AHEAD)
                .doOnNext(events -> handle(url, events))
                .then(Mono.<Void>error(
                        new ControlPlaneException("GET " + url + " was ended by the redirector", 0, null)))
                .onErrorMap(e -> e instanceof TimeoutException || e instanceof ReadTimeoutException, e -> silent(url))
                .onErrorMap(failure -> Refusals.wrap("GET " + url, failure));
    }

    /** The events by the pieces they came in: those of a burst cost one change of threads. */
    private Flux<List<ServerSentEvent>> events(String url, HttpClientResponse response, ByteBufFlux content) {
        int status = response.status().code();
        if (status != 200) {
            return content.thenMany(Flux.error(Refusals.of("GET " + url, status)));
        }
        @Nullable String type = response.responseHeaders().get(HttpHeaderNames.CONTENT_TYPE);
        if (type == null || !type.startsWith("text/event-stream")) {
            return Flux.error(new ControlPlaneException(
                    "GET " + url + " answered with " + type + " instead of text/event-stream", 0, null));
        }
        EventStreamDecoder decoder = new EventStreamDecoder(MAX_EVENT_BYTES);
        return content.asByteArray().map(decoder::feed);
    }

    private void handle(String url, List<ServerSentEvent> events) {
        for (ServerSentEvent received : events) {
            @Nullable ControlEvent event = reader.read(received);
            if (event != null) {
                handle(url, event);
            }
        }
        ControlMetrics.EVENTS.inc(events.size());
    }

    private void handle(String url, ControlEvent event) {
        if (!connected) {
            connected = true;
            log.info("Following the control plane at {}", url);
            ControlMetrics.CONNECTED.set(1);
            logged.clear();
        }
        try {
            handler.onEvent(event);
        } catch (LinkageError e) {
            // Reactor would end the loop for good, and nobody would notice
            throw new IllegalStateException("an event could not be handled: " + e, e);
        }
        backoff.succeeded();
    }

    private void lost(Throwable failure) {
        connected = false;
        ControlMetrics.CONNECTED.set(0);
        ControlMetrics.CONNECTIONS_LOST.inc();
        urls.next();
        String message = String.valueOf(failure.getMessage());
        if (logged.size() < MAX_LOGGED && logged.add(message)) {
            log.warn("No control plane, serving by the last configuration and trying again: {}", message);
        }
    }

    private static ControlPlaneException silent(String url) {
        return new ControlPlaneException("GET " + url + " was silent for " + SILENCE.toSeconds() + " s", 0, null);
    }
}
