package com.kingcdn.redirector;

import static com.kingcdn.redirector.RunningRedirector.EDGE;
import static com.kingcdn.redirector.RunningRedirector.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.ControlJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The event stream as an edge sees it, in the order that {@link ControlEvent} promises. */
@Timeout(60)
final class EventStreamIT {

    @TempDir
    Path directory;

    private RunningRedirector redirector;

    /** One connection; its events are read until one is found. */
    private static final class Connection implements AutoCloseable {

        private final BufferedReader lines;
        private final List<ControlEvent> events = new ArrayList<>();
        private final List<String> ids = new ArrayList<>();

        private Connection(HttpResponse<InputStream> response) {
            assertThat(response.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
            this.lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        }

        private List<ControlEvent> until(Predicate<ControlEvent> last) throws IOException {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id:")) {
                    ids.add(line.substring(3).strip());
                } else if (line.startsWith("data:")) {
                    events.add(ControlJson.mapper().readValue(line.substring(5), ControlEvent.class));
                    if (last.test(events.get(events.size() - 1))) {
                        return events;
                    }
                }
            }
            throw new AssertionError("the stream ended after " + events);
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        redirector = RunningRedirector.start(directory);
    }

    @AfterEach
    void stop() {
        redirector.close();
    }

    private Connection connect(@Nullable Long lastEventId) throws Exception {
        HttpRequest.Builder request = redirector.request("/v1/events", EDGE).header("Accept", "text/event-stream");
        return new Connection(redirector.stream(
                lastEventId == null ? request : request.header("Last-Event-ID", Long.toString(lastEventId))));
    }

    private void purge(String path) throws Exception {
        assertThat(redirector
                        .post("/v1/purges", "{\"urls\": [\"http://video.netcinema.example" + path + "\"]}")
                        .statusCode())
                .isEqualTo(202);
    }

    private String fill() throws Exception {
        return json(redirector.post("/v1/fills", "{\"distribution\": \"a1105\", \"paths\": [\"/x\"]}"))
                .get("id")
                .asString();
    }

    private static boolean isHeartbeat(ControlEvent event) {
        return event instanceof ControlEvent.Heartbeat;
    }

    @Test
    void anEdgeThatStartsGetsConfigurationOpenFillsAndThePresentNumber() throws Exception {
        purge("/1");
        String open = fill();
        redirector.delete("/v1/fills/" + fill());

        try (Connection connection = connect(null)) {
            List<ControlEvent> events = connection.until(EventStreamIT::isHeartbeat);
            assertThat(events).hasSize(3);
            assertThat(((ControlEvent.Config) events.get(0)).snapshot().cdnZone())
                    .isEqualTo("kingcdn.example");
            assertThat(((ControlEvent.Fill) events.get(1)).id()).isEqualTo(open);
            assertThat(events.get(2)).isEqualTo(new ControlEvent.Heartbeat(4));
        }
    }

    @Test
    void anEdgeThatReturnsGetsWhatItMissedOnceAndInOrder() throws Exception {
        for (int i = 1; i <= 200; i++) {
            purge("/" + i);
        }
        redirector.close();
        redirector = RunningRedirector.start(directory);

        try (Connection connection = connect(37L)) {
            List<ControlEvent> events = connection.until(EventStreamIT::isHeartbeat);
            assertThat(events.get(0)).isInstanceOf(ControlEvent.Config.class);
            List<ControlEvent> purges = events.subList(1, events.size() - 1);
            assertThat(purges).hasSize(163);
            for (int i = 0; i < purges.size(); i++) {
                assertThat(((ControlEvent.Purge) purges.get(i)).sequence()).isEqualTo(38 + i);
            }
            assertThat(connection.ids).startsWith("38", "39").hasSize(163);
            assertThat(events.get(events.size() - 1)).isEqualTo(new ControlEvent.Heartbeat(200));
        }
    }

    @Test
    void newEventsAndConfigurationsComeWhileItIsConnected() throws Exception {
        try (Connection connection = connect(0L)) {
            connection.until(EventStreamIT::isHeartbeat);
            purge("/1");
            connection.until(event -> event instanceof ControlEvent.Purge);
            long before =
                    ((ControlEvent.Config) connection.events.get(0)).snapshot().version();
            redirector.put(
                    "/v1/distributions/b2",
                    "{\"hosts\": [\"b.example\"], \"origins\": [{\"url\": \"http://127.0.0.1:8600\"}]}");
            List<ControlEvent> events = connection.until(event -> event instanceof ControlEvent.Config config
                    && config.snapshot().version() > before);
            assertThat(((ControlEvent.Config) events.get(events.size() - 1))
                            .snapshot()
                            .distributions())
                    .extracting("id")
                    .containsExactly("a1105", "b2");
            connection.until(event -> event.equals(new ControlEvent.Heartbeat(1)));
        }
    }

    @Test
    void anEdgeOfAnotherLogIsToldToStartOver() throws Exception {
        purge("/1");

        try (Connection connection = connect(4711L)) {
            List<ControlEvent> events = connection.until(EventStreamIT::isHeartbeat);
            assertThat(events.get(1)).isEqualTo(new ControlEvent.Reset(0));
            assertThat(((ControlEvent.Purge) events.get(2)).sequence()).isEqualTo(1);
            assertThat(events).hasSize(4);
        }
    }

    @Test
    void aLastEventIdThatIsNoNumberIsRefused() throws Exception {
        HttpResponse<String> response =
                redirector.send(redirector.request("/v1/events", EDGE).header("Last-Event-ID", "abc"));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(Objects.requireNonNull(json(response).get("detail")).asString())
                .contains("number of an event");
    }
}
