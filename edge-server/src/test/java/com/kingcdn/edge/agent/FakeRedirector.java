package com.kingcdn.edge.agent;

import com.kingcdn.control.BearerToken;
import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.ControlJson;
import com.kingcdn.control.FillPlan;
import com.kingcdn.control.HealthReport;
import com.kingcdn.control.LoadReport;
import com.kingcdn.control.PurgeMode;
import com.kingcdn.control.PurgeRequest;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** A redirector that speaks the control plane's contract over a real socket, and can be made to fail in its ways. */
@NullMarked
public final class FakeRedirector implements AutoCloseable {

    public static final BearerToken TOKEN = BearerToken.of("edge-token-0123456789");
    private static final Duration HEARTBEAT = Duration.ofMillis(100);

    final List<String> lastEventIds = new CopyOnWriteArrayList<>();
    public final List<HealthReport> health = new CopyOnWriteArrayList<>();
    final List<LoadReport> load = new CopyOnWriteArrayList<>();
    volatile BearerToken token = TOKEN;
    volatile boolean silent;
    volatile boolean refusingReports;

    private final DisposableServer server;
    private final Disposable heartbeats;
    private final List<Sinks.Many<String>> connections = new ArrayList<>();
    private final List<ControlEvent> numbered = new ArrayList<>();
    private @Nullable ConfigSnapshot config;
    private long sequence;
    private long reachesBackTo;

    /** On a free port when 0. */
    public FakeRedirector(int port) {
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(port)
                .route(routes -> routes.get("/v1/events", this::events)
                        .post(
                                "/v1/reports/health",
                                (request, response) -> report(request, response, HealthReport.class, health))
                        .post(
                                "/v1/reports/load",
                                (request, response) -> report(request, response, LoadReport.class, load)))
                .bindNow();
        heartbeats = Flux.interval(HEARTBEAT).subscribe(tick -> heartbeat());
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    public synchronized void configure(ConfigSnapshot snapshot) {
        config = snapshot;
        send(frame(new ControlEvent.Config(snapshot), null));
    }

    /** Accepts a purge. @return its sequence */
    public synchronized long purge(String... urls) {
        sequence++;
        PurgeRequest request = PurgeRequest.ofUrls(PurgeMode.HARD, List.of(urls));
        publish(new ControlEvent.Purge("p" + sequence, sequence, 0, request));
        return sequence;
    }

    synchronized String fill(FillPlan plan) {
        sequence++;
        publish(new ControlEvent.Fill("f" + sequence, sequence, plan));
        return "f" + sequence;
    }

    synchronized void cancelFill(String id) {
        sequence++;
        publish(new ControlEvent.FillCancelled(id, sequence));
    }

    /** From now on edges that ask for older events are told to start over. */
    synchronized void forgetLog() {
        numbered.clear();
        reachesBackTo = sequence;
    }

    synchronized void cutConnections() {
        connections.forEach(connection -> connection.tryEmitError(new IllegalStateException("cut")));
        connections.clear();
    }

    private synchronized Publisher<Void> events(HttpServerRequest request, HttpServerResponse response) {
        if (!token.matches(request.requestHeaders().get("Authorization"))) {
            return response.status(401).send();
        }
        String lastEventId = request.requestHeaders().get("Last-Event-ID");
        lastEventIds.add(String.valueOf(lastEventId));
        Sinks.Many<String> connection = Sinks.many().unicast().onBackpressureBuffer();
        connections.add(connection);
        if (config != null) {
            connection.tryEmitNext(frame(new ControlEvent.Config(config), null));
        }
        long last = lastEventId == null ? sequence : Long.parseLong(lastEventId);
        if (last < reachesBackTo) {
            connection.tryEmitNext(frame(new ControlEvent.Reset(reachesBackTo), null));
        }
        for (ControlEvent event : numbered) {
            if (number(event) > last || (lastEventId == null && event instanceof ControlEvent.Fill)) {
                connection.tryEmitNext(frame(event, number(event)));
            }
        }
        return response.sse()
                .send(
                        connection.asFlux().map(text -> Unpooled.copiedBuffer(text, StandardCharsets.UTF_8)),
                        each -> true);
    }

    private <T> Publisher<Void> report(
            HttpServerRequest request, HttpServerResponse response, Class<T> type, List<T> received) {
        return request.receive().aggregate().asString().flatMap(body -> {
            if (refusingReports) {
                return response.status(503).send().then();
            }
            received.add(ControlJson.mapper().readValue(body, type));
            return response.status(204).send().then();
        });
    }

    private synchronized void heartbeat() {
        if (!silent) {
            send(frame(new ControlEvent.Heartbeat(sequence), null));
        }
    }

    private void publish(ControlEvent event) {
        numbered.add(event);
        send(frame(event, number(event)));
    }

    private void send(String frame) {
        connections.forEach(connection -> connection.tryEmitNext(frame));
    }

    private static String frame(ControlEvent event, @Nullable Long id) {
        return (id == null ? "" : "id: " + id + "\n") + "data: "
                + ControlJson.mapper().writerFor(ControlEvent.class).writeValueAsString(event) + "\n\n";
    }

    private static Long number(ControlEvent event) {
        if (event instanceof ControlEvent.Purge purge) {
            return purge.sequence();
        }
        return event instanceof ControlEvent.Fill fill
                ? Long.valueOf(fill.sequence())
                : Objects.requireNonNull((ControlEvent.FillCancelled) event).sequence();
    }

    @Override
    public void close() {
        heartbeats.dispose();
        cutConnections();
        server.disposeNow();
    }
}
