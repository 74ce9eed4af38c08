package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.limits.LimitProperties;
import com.kingcdn.edge.upstream.RawOrigin;
import com.kingcdn.edge.web.RawClient.Response;
import com.kingcdn.topology.Distribution;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.util.unit.DataSize;

/** Limits over real sockets: 429 and 503 with Retry-After (RFC 6585 section 4, RFC 9110 section 15.6.4). */
@Timeout(30)
class LimitedRequestTest {

    private static final String REQUEST = "GET /x HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\n\r\n";
    private static final byte[] CACHEABLE =
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nok"
                    .getBytes(StandardCharsets.UTF_8);

    private static Distribution limited(RawOrigin origin, String limits) {
        return TestEdge.distribution(origin.endpoint(), "\"limits\": " + limits);
    }

    @Test
    void hitsCountToo() throws IOException {
        RawOrigin origin = new RawOrigin((head, in, out) -> {
            out.write(CACHEABLE);
            return true;
        });
        String limits = "{\"perClient\": {\"requestsPerSecond\": 1, \"burst\": 3}}";
        try (origin;
                TestEdge edge = new TestEdge(LimitProperties.defaults(), limited(origin, limits));
                RawClient client = edge.connect()) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.send(REQUEST).response().status()).isEqualTo(200);
            }
            Response denied = client.send(REQUEST).response();
            assertThat(denied.status()).isEqualTo(429);
            assertThat(denied.has("retry-after: 1")).isTrue();
            assertThat(denied.has("cache-control: no-store")).isTrue();
            assertThat(denied.has("content-type: application/problem+json")).isTrue();
        }
    }

    @Test
    void workIsShedWhileHitsGoOn() throws IOException {
        CountDownLatch answer = new CountDownLatch(1);
        RawOrigin origin = new RawOrigin((head, in, out) -> {
            if (head.startsWith("GET /slow")) {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
                try {
                    answer.await();
                } catch (InterruptedException e) {
                    return false;
                }
                out.write("slow".getBytes(StandardCharsets.UTF_8));
                return true;
            }
            out.write(CACHEABLE);
            return true;
        });
        LimitProperties one = new LimitProperties(0, 0, 0, 100, 1, DataSize.ofMegabytes(1));
        try (origin;
                TestEdge edge = new TestEdge(one, limited(origin, "{\"perClient\": {\"requestsPerSecond\": 1000}}"));
                RawClient client = edge.connect();
                RawClient slow = edge.connect()) {
            assertThat(client.send(REQUEST).response().status()).isEqualTo(200);
            // a place comes back a moment after the client has its response
            Awaitility.await()
                    .until(() -> slow.send(REQUEST.replace("/x", "/slow")).beginning() == 200);
            Response shed = client.send(REQUEST.replace("/x", "/other")).response();
            assertThat(shed.status()).isEqualTo(503);
            assertThat(shed.has("retry-after: 1")).isTrue();
            assertThat(client.send(REQUEST).response().status()).as("a hit").isEqualTo(200);
            answer.countDown();
            assertThat(slow.read(4)).isEqualTo("slow");
            Awaitility.await()
                    .until(() ->
                            slow.send(REQUEST.replace("/x", "/next")).response().status() == 200);
        } finally {
            answer.countDown();
        }
    }

    /** Its circuit is open: the next trial is what a client may wait for. */
    @Test
    void whileAnOriginIsNotAskedTheAnswerSaysWhenItWillBe() throws IOException {
        try (TestEdge edge = new TestEdge((head, in, out) -> false)) {
            Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                try (RawClient client = edge.connect()) {
                    Response answer = client.send(REQUEST).response();
                    assertThat(answer.status()).isEqualTo(503);
                    assertThat(answer.head()).containsPattern("(?i)\r\nretry-after: ([1-9]|10)\r\n");
                }
            });
        }
    }

    @Test
    void aConnectionTornMidwayGivesItsPlaceBack() throws IOException {
        RawOrigin origin = new RawOrigin((head, in, out) -> {
            boolean big = head.startsWith("GET /big");
            out.write(("HTTP/1.1 200 OK\r\nContent-Length: " + (big ? 1000 : 2) + "\r\n\r\nok")
                    .getBytes(StandardCharsets.UTF_8));
            // never the rest
            return true;
        });
        String limits = "{\"total\": {\"concurrentRequests\": 1}}";
        try (origin;
                TestEdge edge = new TestEdge(LimitProperties.defaults(), limited(origin, limits))) {
            try (RawClient torn = edge.connect()) {
                torn.send(REQUEST.replace("/x", "/big"));
                torn.head();
                try (RawClient other = edge.connect()) {
                    assertThat(other.send(REQUEST).response().status()).isEqualTo(429);
                }
            }
            Awaitility.await().untilAsserted(() -> {
                try (RawClient other = edge.connect()) {
                    assertThat(other.send(REQUEST).response().status()).isEqualTo(200);
                }
            });
        }
    }
}
