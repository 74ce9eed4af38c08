package com.kingcdn.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.control.BearerToken;
import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.HealthReport;
import com.kingcdn.control.ProbeTarget;
import com.kingcdn.control.ProbeTargets;
import com.kingcdn.topology.IpPrefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRoutes;

@NullMarked
class ControlPlaneClientTest {

    private static final BearerToken TOKEN = BearerToken.of("0123456789abcdef");
    private static final HealthReport REPORT = new HealthReport("n", "c", true, 7, 3, List.of(), List.of());

    private final Scheduler scheduler = Schedulers.newSingle("handler");
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        scheduler.dispose();
    }

    @Test
    void asksForWhatFollowsTheLastEvent_withItsToken() {
        List<String> asked = new CopyOnWriteArrayList<>();
        URI control = server(routes -> routes.get("/v1/events", (request, response) -> {
            asked.add(request.requestHeaders().get("Last-Event-ID") + " "
                    + request.requestHeaders().get("Authorization"));
            return response.sse().send(frames(heartbeat(1)), each -> true);
        }));
        Recorder recorder = follow(control);
        // the fake ends each response: the client comes again, with the number it has by then
        await().until(() -> asked.size() >= 3);
        assertThat(asked.get(0)).isEqualTo("null Bearer 0123456789abcdef");
        assertThat(asked.get(1)).isEqualTo("1 Bearer 0123456789abcdef");
        assertThat(recorder.events).startsWith(new ControlEvent.Heartbeat(1), new ControlEvent.Heartbeat(1));
    }

    @Test
    void aSilentConnectionIsLost() {
        List<String> asked = new CopyOnWriteArrayList<>();
        URI control = server(routes -> routes.get("/v1/events", (request, response) -> {
            asked.add("");
            return response.sse().send(Flux.concat(frames(heartbeat(1)), Flux.never()), each -> true);
        }));
        double lost = ControlMetrics.CONNECTIONS_LOST.get();
        Recorder recorder = follow(control);
        await().until(() -> ControlMetrics.CONNECTED.get() == 1);
        await().atMost(Duration.ofSeconds(10)).until(() -> asked.size() >= 2 && recorder.events.size() >= 2);
        assertThat(ControlMetrics.CONNECTIONS_LOST.get()).isGreaterThan(lost);
    }

    @Test
    void whomToProbeIsSentOnceAsLongAsItHolds() {
        List<String> asked = new CopyOnWriteArrayList<>();
        URI control = server(routes -> routes.get("/v1/probe-targets", (request, response) -> {
            String known = request.requestHeaders().get("If-None-Match");
            asked.add(String.valueOf(known));
            if ("\"1\"".equals(known)) {
                return response.status(304).send();
            }
            return response.header("ETag", "\"1\"")
                    .sendString(Mono.just(
                            "{\"targets\":[{\"address\":\"9.9.9.9\"}],\"optOut\":[\"9.9.8.0/24\"],\"new\":1}"));
        }));
        ControlPlaneClient client = client(control);
        ProbeTargets targets = new ProbeTargets(
                List.of(new ProbeTarget("9.9.9.9", IpPrefix.parse("9.9.9.0/24"))),
                List.of(IpPrefix.parse("9.9.8.0/24")));
        assertThat(client.probeTargets().block()).isEqualTo(targets);
        assertThat(client.probeTargets().block()).isEqualTo(targets);
        assertThat(asked).containsExactly("null", "\"1\"");
    }

    @Test
    void anEventTheHandlerFailsOnComesAgain() {
        URI control = server(routes -> routes.get("/v1/events", (request, response) -> response.sse()
                .send(Flux.concat(frames(heartbeat(1)), Flux.never()), each -> true)));
        Recorder recorder = new Recorder();
        recorder.failures.set(2);
        ControlPlaneClient client = client(control);
        opened.add(0, client.follow(recorder, scheduler)::dispose);
        await().until(() -> recorder.events.size() == 1);
        assertThat(recorder.failures).hasValue(-1);
    }

    @Test
    void aNumberedEventThatCannotBeReadIsAReset_anUnnumberedOneIsSkipped() {
        URI control = server(routes -> routes.get("/v1/events", (request, response) -> response.sse()
                .send(
                        Flux.concat(
                                frames(
                                        "event: tomorrow\ndata: {\"type\":\"tomorrow\"}\n\n",
                                        "event: x\nid: 41\ndata: {\"type\":\"x\",\"sequence\":41}\n\n",
                                        "event: heartbeat\ndata: {\"type\":\"heartbeat\",\"sequence\":41,\"more\":1}\n\n"),
                                Flux.never()),
                        each -> true)));
        Recorder recorder = follow(control);
        await().until(() -> recorder.events.size() >= 2);
        assertThat(recorder.events).startsWith(new ControlEvent.Reset(41), new ControlEvent.Heartbeat(41));
    }

    @Test
    void goesToTheNextRedirectorWhenOneFails() {
        URI refusing = server(routes -> routes.get(
                "/v1/events", (request, response) -> response.status(503).send()));
        URI html = server(
                routes -> routes.get("/v1/events", (request, response) -> response.header("Content-Type", "text/html")
                        .sendString(Flux.just("<p>"))));
        URI working = server(routes -> routes.get("/v1/events", (request, response) -> response.sse()
                .send(Flux.concat(frames(heartbeat(9)), Flux.never()), each -> true)));
        Recorder recorder = follow(closedPort(), refusing, html, working);
        await().until(() -> recorder.events.contains(new ControlEvent.Heartbeat(9)));
    }

    @Test
    void reportsGoToTheNextRedirectorWhenOneFails() {
        List<String> bodies = new CopyOnWriteArrayList<>();
        URI working = server(routes -> routes.post("/v1/reports/health", (request, response) -> request.receive()
                .aggregate()
                .asString()
                .doOnNext(bodies::add)
                .then(response.status(204).send().then())));
        client(closedPort(), working).report(REPORT).block(Duration.ofSeconds(5));
        assertThat(bodies).hasSize(1);
        assertThat(bodies.get(0)).contains("\"node\":\"n\"").contains("\"appliedSequence\":7");
    }

    @Test
    void aRefusalSaysWhatToDo() {
        URI control = server(routes -> routes.post("/v1/reports/health", (request, response) -> response.status(401)
                .send()));
        assertThatThrownBy(() -> client(control).report(REPORT).block(Duration.ofSeconds(5)))
                .isInstanceOfSatisfying(
                        ControlPlaneException.class, e -> assertThat(e.status()).isEqualTo(401))
                .hasMessageContaining(control + "/v1/reports/health answered 401")
                .hasMessageContaining("token file")
                .hasMessageNotContaining("0123456789abcdef");
    }

    @Test
    void aUrlThatIsNoneIsRefused() {
        assertThatThrownBy(() -> new ControlUrls(List.of(URI.create("localhost:8500"))))
                .hasMessageContaining("'localhost:8500' must be http://");
        assertThatThrownBy(() -> new ControlUrls(List.of())).hasMessageContaining("needed");
    }

    private Recorder follow(URI... controls) {
        Recorder recorder = new Recorder();
        Disposable following = client(controls).follow(recorder, scheduler);
        opened.add(0, following::dispose);
        return recorder;
    }

    private ControlPlaneClient client(URI... controls) {
        ControlPlaneClient client = new ControlPlaneClient(List.of(controls), TOKEN);
        opened.add(client);
        return client;
    }

    private URI server(Consumer<HttpServerRoutes> routes) {
        DisposableServer server =
                HttpServer.create().host("127.0.0.1").port(0).route(routes).bindNow();
        opened.add(server::disposeNow);
        return URI.create("http://127.0.0.1:" + server.port());
    }

    private static URI closedPort() {
        DisposableServer server = HttpServer.create().host("127.0.0.1").port(0).bindNow();
        server.disposeNow();
        return URI.create("http://127.0.0.1:" + server.port());
    }

    private static Flux<ByteBuf> frames(String... frames) {
        return Flux.fromArray(frames).map(frame -> Unpooled.copiedBuffer(frame, StandardCharsets.UTF_8));
    }

    private static String heartbeat(long sequence) {
        return "event: heartbeat\ndata: {\"type\":\"heartbeat\",\"sequence\":" + sequence + "}\n\n";
    }

    /** Keeps all events; throws on the first so many. */
    private static final class Recorder implements ControlEventHandler {

        final List<ControlEvent> events = new CopyOnWriteArrayList<>();
        final AtomicInteger failures = new AtomicInteger();
        private volatile OptionalLong last = OptionalLong.empty();

        @Override
        public OptionalLong lastEventId() {
            return last;
        }

        @Override
        public void onEvent(ControlEvent event) {
            int failing = failures.getAndDecrement();
            if (failing == 2) {
                throw new NoClassDefFoundError("not there");
            }
            if (failing == 1) {
                throw new IllegalStateException("not now");
            }
            events.add(event);
            if (event instanceof ControlEvent.Heartbeat heartbeat) {
                last = OptionalLong.of(heartbeat.sequence());
            }
        }
    }
}
