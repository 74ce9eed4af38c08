package com.kingcdn.edge.web;

import static com.kingcdn.edge.web.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.web.RawClient.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Responses as a client sees them on the wire, over real sockets. */
@Timeout(30)
class ResponseDeliveryTest {

    private static final String HOST = "Host: " + TestEdge.HOST + "\r\n";
    private static final int ENDLESS = 50_000_000;
    private static final AtomicLong ENDLESS_SENT = new AtomicLong();
    private static TestEdge edge;

    @BeforeAll
    static void start() throws IOException {
        edge = new TestEdge(ResponseDeliveryTest::answer);
    }

    private static boolean answer(String head, InputStream in, OutputStream out) throws IOException {
        String target = head.split(" ", 3)[1];
        switch (target.split("\\?")[0]) {
            case "/interim" ->
                write(
                        out,
                        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                                + "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nok");
            case "/chunks" ->
                write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n");
            case "/cut" -> {
                write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
                return false;
            }
            case "/endless" -> {
                write(out, "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: " + ENDLESS + "\r\n\r\n");
                byte[] piece = new byte[50_000];
                for (int sent = 0; sent < ENDLESS; sent += piece.length) {
                    out.write(piece);
                    ENDLESS_SENT.addAndGet(piece.length);
                }
            }
            default -> {
                write(
                        out,
                        "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nCache-Status: origin; hit\r\nContent-Length: "
                                + target.length() + "\r\n\r\n");
                write(out, head.startsWith("HEAD") ? "" : target);
            }
        }
        return true;
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @AfterAll
    static void stop() {
        edge.close();
    }

    /** RFC 9112 section 9.3.2. */
    @Test
    void answersPipelinedRequestsInOrder() throws IOException {
        try (RawClient client = edge.connect()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                requests.append(get("/" + i % 7));
            }
            client.send(requests.toString());
            for (int i = 0; i < 50; i++) {
                assertThat(client.response().body()).isEqualTo("/" + i % 7);
            }
        }
    }

    /** RFC 9211 section 2: each cache appends its member. */
    @Test
    void appendsToCacheStatusAndVia() throws IOException {
        try (RawClient client = edge.connect()) {
            Response miss = client.send(get("/status")).response();
            assertThat(miss.head().toLowerCase(Locale.ROOT))
                    .containsSubsequence("cache-status: origin; hit\r\n", "cache-status: nyc-1; fwd=uri-miss");
            Response hit = client.send(get("/status")).response();
            assertThat(hit.head().toLowerCase(Locale.ROOT))
                    .containsSubsequence("cache-status: origin; hit\r\n", "cache-status: nyc-1; hit; ttl=")
                    .contains("\r\nvia: 1.1 nyc-1\r\n", "\r\nage: ", "\r\ndate: ");
        }
    }

    @Test
    void headHasTheLengthAndNoContent() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("HEAD /head HTTP/1.1\r\n" + HOST + "\r\n" + get("/head"));
            assertThat(client.response(true).has("content-length: 5")).isTrue();
            assertThat(client.response().body()).isEqualTo("/head");
        }
    }

    @Test
    void contentOfUnknownLengthIsChunked() throws IOException {
        try (RawClient client = edge.connect()) {
            Response response = client.send(get("/chunks")).response();
            assertThat(response.has("transfer-encoding: chunked")).isTrue();
            assertThat(response.body()).isEqualTo("abcde");
        }
    }

    /** RFC 9112 section 7.1: no chunks for HTTP/1.0, where the connection's end ends the content. */
    @Test
    void http10GetsNoChunks() throws IOException {
        try (RawClient client = edge.connect()) {
            String all =
                    client.send("GET /chunks?10 HTTP/1.0\r\n" + HOST + "\r\n").rest();
            assertThat(all.toLowerCase(Locale.ROOT))
                    .doesNotContain("transfer-encoding")
                    .endsWith("\r\n\r\nabcde");
        }
        try (RawClient client = edge.connect()) {
            String request = "GET /ten HTTP/1.0\r\n" + HOST + "Connection: keep-alive\r\n\r\n";
            assertThat(client.send(request).response().has("connection: keep-alive"))
                    .isTrue();
            assertThat(client.send(request).response().body()).isEqualTo("/ten");
        }
    }

    /** RFC 9112 section 8: a client must be able to see that a message is incomplete. */
    @Test
    void contentThatFailsIsNotEnded() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send(get("/cut"));
            assertThatThrownBy(client::response).isInstanceOf(IOException.class);
        }
    }

    /** RFC 9110 section 15.2. */
    @Test
    void interimResponsesComeFirstAndAreNotStored() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("GET /interim HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n");
            Response interim = client.response(true);
            assertThat(interim.status()).isEqualTo(103);
            assertThat(interim.has("link: </a>")).isTrue();
            Response last = client.response();
            assertThat(last.status()).isEqualTo(200);
            assertThat(last.head()).doesNotContain("</a>");
        }
        try (RawClient client = edge.connect()) {
            assertThat(client.send(get("/interim")).response().status()).isEqualTo(200);
        }
        try (RawClient client = edge.connect()) {
            client.send("GET /interim?10 HTTP/1.0\r\n" + HOST + "\r\n");
            assertThat(client.response().status())
                    .as("HTTP/1.0 has no interim responses")
                    .isEqualTo(200);
        }
    }

    /** A client that reads nothing holds back the origin, not the edge's memory. */
    @Test
    void aSlowClientHoldsTheOriginBack() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send(get("/endless"));
            AtomicLong before = new AtomicLong(-1);
            await().atMost(Duration.ofSeconds(20))
                    .pollInterval(Duration.ofMillis(300))
                    .until(() -> {
                        long now = ENDLESS_SENT.get();
                        return now > 0 && before.getAndSet(now) == now;
                    });
            // sockets' buffers on both sides, and what the edge may hold
            assertThat(ENDLESS_SENT.get()).isLessThan(ENDLESS / 2);
        }
    }

    @Test
    void closesIdleConnectionsOnly() throws IOException {
        try (RawClient quiet = edge.connect();
                RawClient busy = edge.connect()) {
            assertThat(quiet.send(get("/quiet")).response().status()).isEqualTo(200);
            await().atMost(Duration.ofSeconds(10))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> {
                        assertThat(busy.send(get("/busy")).response().status()).isEqualTo(200);
                        return quiet.isClosed();
                    });
        }
    }

    /** RFC 9110 section 10.1.1. */
    @Test
    void asksForContentThatWaitsToBeAskedFor() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("POST /expect HTTP/1.1\r\n" + HOST + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(client.response(true).status()).isEqualTo(100);
            assertThat(client.send("hi").response().status()).isEqualTo(200);
        }
    }
}
