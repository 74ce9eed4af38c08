package com.kingcdn.redirector;

import static com.kingcdn.redirector.RunningRedirector.ADMIN;
import static com.kingcdn.redirector.RunningRedirector.EDGE;
import static com.kingcdn.redirector.RunningRedirector.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.control.ControlJson;
import com.kingcdn.redirector.geo.DemoGeoDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The map for a browser, over HTTP: the page is for anyone, what it draws for those with a token only. */
final class MapPageIT {

    private static final String READER = "reader-token-0123456789";

    @TempDir
    static Path directory;

    /** More than may follow at the same time. */
    private static final int LEAVING = 200;

    private static RunningRedirector redirector;

    @BeforeAll
    static void start() throws IOException {
        RunningRedirector.prepare(directory);
        Files.writeString(directory.resolve("reader"), READER);
        DemoGeoDatabase.write(directory.resolve("demo.mmdb"));
        redirector = RunningRedirector.start(
                directory,
                "--kingcdn.redirector.reader-token-file=" + directory.resolve("reader"),
                "--kingcdn.redirector.geo=" + directory.resolve("demo.mmdb"));
    }

    @AfterAll
    static void stop() {
        redirector.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/map, text/html",
        "/map/map.css, text/css",
        "/map/icon.svg, image/svg+xml",
        "/map/layout.js, text/javascript",
        "/map/map.js, text/javascript",
        "/map/stream.js, text/javascript",
        "/map/picture.js, text/javascript",
        "/map/tables.js, text/javascript",
        "/map/world.js, text/javascript"
    })
    void thePageIsForAnyoneAndNamesNothing(String path, String type) throws Exception {
        HttpResponse<String> file = redirector.send(redirector.request(path, null));

        assertThat(file.statusCode()).isEqualTo(200);
        assertThat(file.headers().firstValue("Content-Type").orElse("")).startsWith(type);
        assertThat(file.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(file.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(file.body())
                .doesNotContain("nyc", "127.0.1.1")
                .doesNotContainPattern("<script>|<style|\\son[a-z]+=\"|\\sstyle=\"")
                .doesNotContainPattern("https?://(?!www\\.w3\\.org/2000/svg)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/map", "/v1/map/events", "/v1/%6dap", "/v1/map/"})
    void aStrangerAndAnEdgeSeeNothing(String path) throws Exception {
        assertThat(redirector.send(redirector.request(path, null)).statusCode()).isEqualTo(401);
        assertThat(redirector
                        .send(redirector.request(path, "guessed-token-0123456789"))
                        .statusCode())
                .isEqualTo(401);
        assertThat(redirector.send(redirector.request(path, EDGE))).satisfies(refused -> {
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).contains("this needs the reader or admin token");
        });
    }

    @Test
    void aReaderSeesTheMapAndDecisionsAndChangesNothing() throws Exception {
        assertThat(read("/v1/map").statusCode()).isEqualTo(200);
        assertThat(read("/v1/explain?name=video.netcinema.example&client=192.0.2.1")
                        .statusCode())
                .isEqualTo(200);
        for (String path : List.of("/v1/clusters", "/v1/distributions", "/v1/events", "/v1/probe-targets")) {
            assertThat(read(path).statusCode()).as(path).isEqualTo(403);
        }
        for (String path : List.of("/v1/clusters/fra/drain", "/v1/map", "/v1/explain", "/v1/purges")) {
            assertThat(redirector.send("POST", path, READER, "{}").statusCode())
                    .as(path)
                    .isEqualTo(403);
        }
        assertThat(redirector.get("/v1/map").statusCode()).as("an operator").isEqualTo(200);
    }

    private static HttpResponse<String> read(String path) throws Exception {
        return redirector.send(redirector.request(path, READER));
    }

    private static JsonNode map() throws Exception {
        HttpResponse<String> response = read("/v1/map");
        assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
        return json(response);
    }

    private static JsonNode cluster(JsonNode map, String id) {
        for (JsonNode cluster : map.get("clusters")) {
            if (id.equals(cluster.get("id").asString())) {
                return cluster;
            }
        }
        throw new AssertionError(id + " is not in " + map.get("clusters"));
    }

    private static void reportAll() throws Exception {
        for (String node : List.of("nyc-1", "fra-1", "fra-2")) {
            String cluster = node.substring(0, 3);
            String health = "{\"node\":\"%s\",\"cluster\":\"%s\",\"ready\":true,\"appliedSequence\":0}"
                    .formatted(node, cluster);
            assertThat(redirector
                            .send("POST", "/v1/reports/health", EDGE, health)
                            .statusCode())
                    .isEqualTo(204);
        }
    }

    @Test
    void clustersPlacesAndPrefixesAreThere() throws Exception {
        String load = "{\"node\":\"fra-1\",\"cluster\":\"fra\",\"requestsPerSecond\":120,\"bitsPerSecond\":5e7,"
                + "\"connections\":3,\"capacity\":{\"requestsPerSecond\":400}}";
        assertThat(redirector.send("POST", "/v1/reports/load", EDGE, load).statusCode())
                .isEqualTo(204);
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            reportAll();
            JsonNode map = map();
            assertThat(cluster(map, "fra").get("state").asString()).isEqualTo("up");
            assertThat(cluster(map, "fra").get("nodesUp").asInt()).isEqualTo(2);
            assertThat(cluster(map, "fra").get("utilisation").asDouble()).isEqualTo(0.3);
            assertThat(cluster(map, "nyc").has("utilisation")).isFalse();
        });
        JsonNode mapping = map().get("map");
        assertThat(mapping.get("geoDatabase").asBoolean()).isTrue();
        assertThat(mapping.get("measuredPrefixes").asInt()).isZero();
        assertThat(mapping.get("places").size()).isGreaterThan(10);
        assertThat(mapping.get("prefixes").get(0).get("prefix").asString()).isEqualTo("192.0.2.0/24");
        assertThat(mapping.get("prefixes").get(0).get("reason").asString()).isEqualTo("coverage");
        assertThat(map().get("distributions").get(0).get("name").asString()).isEqualTo("video.netcinema.example");
    }

    @Test
    void aDistributionCanBeAskedForAndAnUnknownOneIsRefused() throws Exception {
        assertThat(json(read("/v1/map?distribution=a1105")).get("distribution").asString())
                .isEqualTo("a1105");
        for (String path : List.of("/v1/map?distribution=zz", "/v1/map/events?distribution=zz")) {
            HttpResponse<String> refused = read(path);
            assertThat(refused.statusCode()).isEqualTo(404);
            assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(json(refused).get("detail").asString()).contains("there is no distribution 'zz'");
        }
    }

    @Test
    void theStreamTellsAllFirstAndThenWhatChanges() throws Exception {
        HttpResponse<InputStream> stream = redirector.stream(redirector.request("/v1/map/events", READER));
        assertThat(stream.statusCode()).isEqualTo(200);
        assertThat(stream.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            List<String> names = new ArrayList<>();
            while (names.size() < 3) {
                names.add(next(lines).name());
            }
            assertThat(names).containsExactly("distributions", "clusters", "map");
            assertThat(redirector
                            .send(redirector
                                    .request("/v1/clusters/nyc/drain", ADMIN)
                                    .POST(BodyPublishers.noBody()))
                            .statusCode())
                    .isEqualTo(200);
            Event event = next(lines);
            while (!(event.name().equals("clusters") && event.data().contains("\"state\":\"drained\""))) {
                event = next(lines);
            }
            JsonNode clusters = ControlJson.mapper().readTree(event.data());
            assertThat(clusters.get(0).get("inAnswers").asBoolean()).isFalse();
        } finally {
            redirector.post("/v1/clusters/nyc/undrain", "");
        }
    }

    /** A buffer of theirs that gets lost fails the class, {@code LeakCheck}. */
    @Test
    void readersWhoLeaveInTheMiddleOfAnEventMakeRoomForOthers() throws Exception {
        URI uri = redirector.request("/v1/map/events", READER).build().uri();
        for (int i = 0; i < LEAVING; i++) {
            try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
                // reset, not closed in order
                socket.setSoLinger(true, 0);
                socket.setSoTimeout(10_000);
                socket.getOutputStream()
                        .write("GET /v1/map/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n"
                                .formatted(READER)
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().read()).isEqualTo('H');
            }
        }
        await("room for another one").until(() -> {
            HttpResponse<InputStream> stream = redirector.stream(redirector.request("/v1/map/events", READER));
            stream.body().close();
            return stream.statusCode() == 200;
        });
    }

    private record Event(String name, String data) {}

    private static Event next(BufferedReader lines) throws IOException {
        String name = "";
        String data = "";
        for (String line; (line = lines.readLine()) != null; ) {
            if (line.startsWith("event:")) {
                name = line.substring(6);
            } else if (line.startsWith("data:")) {
                data = line.substring(5);
            } else if (line.isEmpty() && !data.isEmpty()) {
                return new Event(name, data);
            }
        }
        throw new IOException("the stream has ended");
    }
}
