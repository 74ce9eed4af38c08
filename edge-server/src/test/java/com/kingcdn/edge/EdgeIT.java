package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.web.ContentServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** A whole edge that stands alone in front of a real origin, asked by the JDK's client. */
@Timeout(60)
class EdgeIT {

    private static TestOrigin origin;
    private static ConfigurableApplicationContext edge;
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeAll
    static void start() {
        origin = new TestOrigin();
        edge = start(origin.url());
    }

    private static ConfigurableApplicationContext start(URI url) {
        return SpringApplication.run(
                EdgeApplication.class,
                "--spring.main.web-application-type=none",
                "--kingcdn.edge.listen=127.0.0.1:0",
                "--kingcdn.edge.node=nyc-1",
                "--kingcdn.edge.memory=64MB",
                "--kingcdn.edge.upstream.response-timeout=3s",
                "--kingcdn.edge.upstream.idle-timeout=3s",
                "--kingcdn.edge.origin=" + url);
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    private static URI url(ConfigurableApplicationContext context, String target) {
        return URI.create(
                "http://127.0.0.1:" + context.getBean(ContentServer.class).port() + target);
    }

    private static HttpResponse<byte[]> send(String method, String target, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(url(edge, target))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(20));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String cacheStatus(HttpResponse<?> response) {
        return response.headers().firstValue("cache-status").orElse("");
    }

    @Test
    void missThenHitWithTheSameBytes() throws Exception {
        HttpResponse<byte[]> miss = send("GET", "/6Y7B23V?miss-then-hit");
        assertThat(miss.statusCode()).isEqualTo(200);
        assertThat(cacheStatus(miss)).startsWith("nyc-1; fwd=uri-miss").contains("stored");
        assertThat(Arrays.equals(miss.body(), TestOrigin.TITLE)).isTrue();
        HttpResponse<byte[]> hit = send("GET", "/6Y7B23V?miss-then-hit");
        assertThat(cacheStatus(hit)).startsWith("nyc-1; hit");
        assertThat(hit.headers().firstValue("age")).isPresent();
        assertThat(hit.headers().allValues("via")).contains("1.1 nyc-1");
        assertThat(Arrays.equals(hit.body(), TestOrigin.TITLE)).isTrue();
        assertThat(origin.count("GET /6Y7B23V?miss-then-hit")).isEqualTo(1);
    }

    @Test
    void aRangeOfAColdTitleFetchesOnlyItsBlocks() throws Exception {
        HttpResponse<byte[]> part = send("GET", "/6Y7B23V?range", "range", "bytes=5000000-5999999");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.headers().firstValue("content-range")).hasValue("bytes 5000000-5999999/20000000");
        assertThat(Arrays.equals(part.body(), Arrays.copyOfRange(TestOrigin.TITLE, 5_000_000, 6_000_000)))
                .isTrue();
        assertThat(origin.requests())
                .filteredOn(line -> line.startsWith("GET /6Y7B23V?range"))
                .allSatisfy(line -> assertThat(line).contains("bytes="));
        HttpResponse<byte[]> again = send("GET", "/6Y7B23V?range", "range", "bytes=5000100-5000199");
        assertThat(cacheStatus(again)).startsWith("nyc-1; hit");
        assertThat(again.body()).isEqualTo(Arrays.copyOfRange(TestOrigin.TITLE, 5_000_100, 5_000_200));
        assertThat(send("GET", "/6Y7B23V?range", "range", "bytes=20000000-").statusCode())
                .isEqualTo(416);
    }

    @Test
    void answersConditionsAndHeadFromWhatIsStored() throws Exception {
        send("GET", "/6Y7B23V?conditions");
        HttpResponse<byte[]> same = send("GET", "/6Y7B23V?conditions", "if-none-match", "\"t1\"");
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        HttpResponse<byte[]> head = send("HEAD", "/6Y7B23V?conditions");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("content-length")).hasValue("20000000");
        assertThat(cacheStatus(head)).startsWith("nyc-1; hit");
        assertThat(origin.count("GET /6Y7B23V?conditions")).isEqualTo(1);
        assertThat(origin.count("HEAD /6Y7B23V?conditions")).isZero();
    }

    /** RFC 9111 section 4.4. */
    @Test
    void postInvalidates() throws Exception {
        assertThat(new String(send("GET", "/page").body(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("one");
        HttpRequest post = HttpRequest.newBuilder(url(edge, "/page"))
                .POST(HttpRequest.BodyPublishers.ofString("two"))
                .build();
        assertThat(CLIENT.send(post, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(204);
        assertThat(new String(send("GET", "/page").body(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("two");
    }

    @Test
    void manyClientsMakeOneFetch() throws Exception {
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(CLIENT.sendAsync(
                    HttpRequest.newBuilder(url(edge, "/6Y7B23V?many")).build(),
                    HttpResponse.BodyHandlers.ofByteArray()));
        }
        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            assertThat(Arrays.equals(answer.get().body(), TestOrigin.TITLE)).isTrue();
        }
        assertThat(origin.count("GET /6Y7B23V?many")).isEqualTo(1);
    }

    @Test
    void aSlowOriginBecomesA504() throws Exception {
        HttpResponse<byte[]> answer = send("GET", "/slow");
        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
        assertThat(cacheStatus(answer)).startsWith("nyc-1; fwd=uri-miss");
    }

    /** RFC 9112 section 8: the client must see that something is missing. */
    @Test
    void contentThatStallsCutsTheConnection() {
        assertThat(CompletableFuture.supplyAsync(() -> {
                    try {
                        return send("GET", "/stall").statusCode();
                    } catch (IOException cut) {
                        return -1;
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .succeedsWithin(Duration.ofSeconds(10))
                .isEqualTo(-1);
    }

    @Test
    void anOriginThatIsDownBecomesA502() throws Exception {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        try (ConfigurableApplicationContext lonely = start(URI.create("http://127.0.0.1:" + nobody))) {
            HttpResponse<String> answer = CLIENT.send(
                    HttpRequest.newBuilder(url(lonely, "/x")).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(502);
            assertThat(answer.body()).contains("\"status\":502").doesNotContain("Exception");
        }
    }

    @Test
    void aStopLetsResponsesUnderWayFinish() throws Exception {
        try (TestOrigin slowToRead = new TestOrigin()) {
            ConfigurableApplicationContext stopping = start(slowToRead.url());
            URI url = url(stopping, "/6Y7B23V");
            HttpResponse<java.io.InputStream> answer =
                    CLIENT.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofInputStream());
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(stopping::close);
            // the port is closed while the response is still under way
            await().atMost(Duration.ofSeconds(10)).until(() -> isClosed(url));
            assertThat(Arrays.equals(answer.body().readAllBytes(), TestOrigin.TITLE))
                    .isTrue();
            assertThat(stopped).succeedsWithin(Duration.ofSeconds(20));
        }
    }

    private static boolean isClosed(URI url) {
        try (java.net.Socket socket = new java.net.Socket(url.getHost(), url.getPort())) {
            return !socket.isConnected();
        } catch (IOException refused) {
            return true;
        }
    }
}
