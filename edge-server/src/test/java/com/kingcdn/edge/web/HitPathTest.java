package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.distribution.DistributionTraffic;
import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.upstream.RawOrigin;
import com.kingcdn.edge.web.RawClient.Response;
import com.kingcdn.http.HttpDate;
import com.kingcdn.topology.Distribution;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The short way of hits beside the long one: whatever is asked, both answer the same octets. */
@Timeout(60)
class HitPathTest {

    private static final String HOST = "Host: " + TestEdge.HOST + "\r\n";
    private static final String TAG = "\"v1\"";
    private static final String DATE = HttpDate.format(System.currentTimeMillis());
    private static RawOrigin origin;
    private static TestEdge edge;

    @BeforeAll
    static void start() throws IOException {
        origin = new RawOrigin((head, in, out) -> {
            String target = head.split(" ", 3)[1];
            String fields =
                    switch (target) {
                        case "/none" -> "Cache-Control: max-age=600\r\nContent-Length: 0\r\n";
                        case "/undated" ->
                            "Cache-Control: max-age=600\r\nContent-Length: 5\r\nX-Many: a\r\nX-Many: b\r\n";
                        case "/vary" -> "Cache-Control: max-age=600\r\nVary: Accept-Language\r\nContent-Length: 5\r\n";
                        case "/gone" -> "Cache-Control: max-age=600\r\nContent-Length: 5\r\n";
                        default ->
                            "Date: " + DATE + "\r\nCache-Control: max-age=600\r\nETag: " + TAG
                                    + "\r\nLast-Modified: Sat, 05 Nov 1994 08:49:37 GMT\r\nX-Latin: caf\u00e9\r\nContent-Length: "
                                    + length(target) + "\r\n";
                    };
            String status = target.equals("/gone") ? "404 Not Found" : "200 OK";
            out.write(("HTTP/1.1 " + status + "\r\n" + fields + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            int length = target.equals("/none") ? 0 : fields.contains("ETag") ? length(target) : 5;
            out.write("x".repeat(length).getBytes(StandardCharsets.ISO_8859_1));
            return true;
        });
        edge = new TestEdge(origin.endpoint());
        for (String target :
                List.of("/1", "/9000", "/300000", "/1200000", "/1048576", "/none", "/undated", "/vary", "/gone")) {
            try (RawClient client = edge.connect()) {
                assertThat(client.send(get(target, "Accept-Language: de\r\n"))
                                .response()
                                .status())
                        .isLessThan(500);
            }
        }
    }

    private static int length(String target) {
        return Integer.parseInt(target.substring(1).split("\\?")[0]);
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    private static String get(String target, String fields) {
        return "GET " + target + " HTTP/1.1\r\n" + HOST + fields + "\r\n";
    }

    static Stream<String> requests() {
        return Stream.of(
                get("/1", ""),
                get("/1", "Connection: keep-alive\r\nUser-Agent: x/1.0\r\nAccept: */*\r\n"),
                get("/1", "Connection:  Keep-Alive \r\n"),
                "HEAD /1 HTTP/1.1\r\n" + HOST + "\r\n",
                "HEAD /1200000 HTTP/1.1\r\n" + HOST + "\r\n",
                get("/9000", ""),
                get("/300000", ""),
                get("/1200000", ""),
                get("/1048576", ""),
                get("/1048576", "Range: bytes=1-\r\n"),
                get("/none", ""),
                get("/undated", ""),
                get("/gone", ""),
                get("/gone", "If-None-Match: *\r\n"),
                get("/vary", "Accept-Language: de\r\n"),
                get("/1", "If-None-Match: " + TAG + "\r\n"),
                "HEAD /1 HTTP/1.1\r\n" + HOST + "If-None-Match: " + TAG + "\r\n\r\n",
                get("/1", "If-None-Match: W/" + TAG + ", \"v2\"\r\n"),
                get("/1", "If-None-Match: \"v2\"\r\n"),
                get("/1", "If-Modified-Since: " + DATE + "\r\n"),
                get("/1", "If-Modified-Since: Fri, 04 Nov 1994 08:49:37 GMT\r\n"),
                get("/9000", "Range: bytes=0-0\r\n"),
                get("/9000", "Range: bytes=-1\r\n"),
                get("/9000", "Range: bytes=8999-\r\n"),
                get("/9000", "Range: bytes=9000-\r\n"),
                get("/9000", "Range: bytes=10-20\r\nIf-Range: " + TAG + "\r\n"),
                get("/9000", "Range: bytes=10-20\r\nIf-Range: \"v2\"\r\n"),
                get("/300000", "Range: bytes=262143-262144\r\n"),
                get("/300000", "Range: bytes=0-262143\r\n"),
                get("/1200000", "Range: bytes=100000-1100000\r\n"),
                "HEAD /9000 HTTP/1.1\r\n" + HOST + "Range: bytes=0-0\r\n\r\n",
                get("/1", "Cache-Control: max-age=0, only-if-cached\r\n"),
                get("/1", "Cache-Control: max-stale\r\n"),
                get("http://" + TestEdge.HOST + "/1", ""),
                get("/1", "TE: trailers\r\n"),
                get("/1", "X-Empty:\r\nX-Latin: \u00e9\r\n"));
    }

    /** A request with an empty line before it is not plain, and means the same (RFC 9112 section 2.2). */
    @ParameterizedTest
    @MethodSource("requests")
    void bothWaysAnswerTheSameOctets(String request) throws IOException {
        boolean head = request.startsWith("HEAD");
        try (RawClient client = edge.connect()) {
            for (int attempt = 0; ; attempt++) {
                String first = octets(client.send("\r\n" + request), head);
                String shortWay = octets(client.send(request), head);
                String repeated = octets(client.send(request), head);
                String last = octets(client.send("\r\n" + request), head);
                // Age and ttl may have changed in between
                if (first.equals(last) || attempt == 5) {
                    assertThat(last).isEqualTo(first);
                    assertThat(shortWay).isEqualTo(first);
                    assertThat(repeated).isEqualTo(first);
                    return;
                }
            }
        }
    }

    private static String octets(RawClient client, boolean head) throws IOException {
        Response response = client.response(head);
        String body = response.body();
        return response.head() + (body.length() < 1000 ? body : body.length() + " octets, hash " + body.hashCode());
    }

    @Test
    void readsHeadsThatComeInPiecesAndInHeaps() throws IOException {
        try (RawClient client = edge.connect()) {
            String request = get("/1", "Accept: */*\r\n");
            for (int cut = 1; cut < request.length(); cut++) {
                client.send(request + request.substring(0, cut));
                assertThat(client.response().body()).isEqualTo("x");
                client.send(request.substring(cut) + get("/9000", "Accept: */*\r\n"));
                assertThat(client.response().body()).isEqualTo("x");
                assertThat(client.response().body()).hasSize(9000);
            }
        }
    }

    /** RFC 9112 section 9.3.2: in order, whichever way each of them goes. */
    @Test
    void keepsTheOrderOfPipelinedRequests() throws IOException {
        try (RawClient client = edge.connect()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 40; i++) {
                requests.append(get(i % 5 == 4 ? "/7?" + i : i % 2 == 0 ? "/1" : "/9000", ""));
            }
            client.send(requests.toString());
            for (int i = 0; i < 40; i++) {
                assertThat(client.response().body()).hasSize(i % 5 == 4 ? 7 : i % 2 == 0 ? 1 : 9000);
            }
        }
    }

    @Test
    void nothingIsAnsweredBehindTheLastResponse() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send(get("/1", "Connection: close\r\n") + get("/1", ""));
            assertThat(client.response().has("connection: close")).isTrue();
            assertThat(client.rest()).isEmpty();
        }
        try (RawClient client = edge.connect()) {
            client.send(get("/1", "") + get("/1", "X: a\rb\r\n") + get("/1", ""));
            assertThat(client.response().status()).isEqualTo(200);
            assertThat(client.response().status()).isEqualTo(400);
            assertThat(client.rest()).isEmpty();
        }
    }

    /** What it takes of many unread responses stays in the sockets: the client's own pace is kept. */
    @Test
    void aClientThatTakesNothingIsNotRead() throws IOException {
        try (RawClient client = edge.connect()) {
            String request = get("/300000", "");
            for (int i = 0; i < 100; i++) {
                client.send(request);
            }
            for (int i = 0; i < 100; i++) {
                assertThat(client.response().body()).hasSize(300_000);
            }
        }
    }

    @Test
    void countsWhatItAnswers() throws IOException {
        double requests = value(
                "kingcdn_edge_requests_total",
                new String[] {"outcome", "status", "protocol"},
                "hit",
                "2xx",
                "http/1.1");
        double bytes = value("kingcdn_edge_response_bytes_total", new String[] {"outcome"}, "hit");
        try (RawClient client = edge.connect()) {
            for (int i = 0; i < 10; i++) {
                client.send(get("/9000", "")).response();
            }
            client.send("HEAD /9000 HTTP/1.1\r\n" + HOST + "\r\n").response(true);
        }
        assertThat(value(
                                "kingcdn_edge_requests_total",
                                new String[] {"outcome", "status", "protocol"},
                                "hit",
                                "2xx",
                                "http/1.1")
                        - requests)
                .isEqualTo(11);
        assertThat(value("kingcdn_edge_response_bytes_total", new String[] {"outcome"}, "hit") - bytes)
                .isEqualTo(90_000);
    }

    private static double value(String name, String[] labels, String... values) {
        return CollectorRegistry.defaultRegistry.getSampleValue(name, labels, values);
    }

    /** Else an edge that sends great files to slow clients would report no load, and then all of it in one moment. */
    @Test
    void countsALongResponseWhileItIsSent() throws IOException {
        int length = 16_000_000;
        long before = EdgeMetrics.bytesSent();
        try (RawClient client = edge.connect()) {
            client.send(get("/" + length, ""));
            await("some of it counted, though the client reads nothing")
                    .untilAsserted(
                            () -> assertThat(EdgeMetrics.bytesSent() - before).isBetween(100_000L, length - 1L));
            assertThat(client.response().body()).hasSize(length);
        }
        await().untilAsserted(() ->
                assertThat(EdgeMetrics.bytesSent() - before).as("once").isEqualTo(length));
    }

    @Test
    void bothWaysCountForADistributionWithALimitOfItsOwn() throws IOException {
        Distribution limited = TestEdge.distribution(
                origin.endpoint(), "\"placement\": {\"capacity\": {\"requestsPerSecond\": 1000}}");
        try (TestEdge counting = new TestEdge(LimitProperties.defaults(), limited)) {
            for (String request : List.of(
                    get("/9000", ""),
                    get("/9000", ""),
                    get("/9000", "Range: bytes=0-99\r\n"),
                    "HEAD /9000 HTTP/1.1\r\n" + HOST + "\r\n")) {
                try (RawClient client = counting.connect()) {
                    client.send(request).response(request.startsWith("HEAD"));
                }
            }
            DistributionTraffic.Counter counter =
                    Objects.requireNonNull(counting.traffic().of(limited));
            await().untilAsserted(() -> {
                assertThat(counter.requests()).isEqualTo(4);
                assertThat(counter.bytesSent()).isEqualTo(2 * 9000 + 100);
            });
        }
    }
}
