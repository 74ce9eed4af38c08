package com.kingcdn.edge.upstream;

import static com.kingcdn.edge.upstream.UpstreamSetup.assertKind;
import static com.kingcdn.edge.upstream.UpstreamSetup.request;
import static com.kingcdn.edge.upstream.UpstreamSetup.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** The use of connections to an endpoint. */
@Timeout(30)
class ConnectionPoolTest {

    private final UpstreamSetup setup = new UpstreamSetup();

    @AfterEach
    void close() {
        setup.close();
    }

    /** RFC 9112 section 6.3: what follows a response is never the next one, whole or in part. */
    @ParameterizedTest
    @ValueSource(
            strings = {"more than announced", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", "\r\nHTTP/1.1 2"})
    void aConnectionWithSurplusOctetsIsNotUsedAgain(String surplus) {
        RawOrigin origin = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood" + surplus);

        for (int i = 0; i < 3; i++) {
            assertThat(text(setup.get(origin.endpoint()))).isEqualTo("good");
        }

        assertThat(origin.connections()).isEqualTo(3);
    }

    @Test
    void reusesConnections() {
        RawOrigin origin = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        for (int i = 0; i < 5; i++) {
            assertThat(text(setup.get(origin.endpoint()))).isEqualTo("ok");
        }
        assertThat(origin.connections()).isEqualTo(1);
    }

    /** RFC 9112 section 9.3.1: a client that reuses a connection must be ready for its end. */
    @Test
    void asksAgainWhenAReusedConnectionWasClosed() {
        AtomicInteger requests = new AtomicInteger();
        RawOrigin origin = setup.origin((head, in, out) -> {
            if (requests.incrementAndGet() == 2) {
                return false;
            }
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.UTF_8));
            return true;
        });
        assertThat(text(setup.get(origin.endpoint()))).isEqualTo("ok");
        assertThat(text(setup.get(origin.endpoint()))).isEqualTo("ok");
        assertThat(requests.get()).isEqualTo(3);
    }

    /** It says nothing of the origin, so that it neither waits nor counts, and is not limited by the budget of retries. */
    @Test
    void connectionsThatEndWhileNobodyUsesThemCostNothing() {
        AtomicInteger requests = new AtomicInteger();
        RawOrigin origin = setup.origin((head, in, out) -> {
            // the second request on each connection is not answered
            boolean answers = requests.incrementAndGet() % 2 == 1;
            if (answers) {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.UTF_8));
            }
            return answers;
        });
        double retries = UpstreamMetrics.RETRIES.get();
        double stale = UpstreamMetrics.STALE_CONNECTIONS.get();
        for (int i = 0; i < 30; i++) {
            assertThat(text(setup.get(origin.endpoint()))).isEqualTo("ok");
        }
        assertThat(UpstreamMetrics.RETRIES.get()).isEqualTo(retries);
        assertThat(UpstreamMetrics.STALE_CONNECTIONS.get()).isEqualTo(stale + 29);
    }

    /** RFC 9110 section 9.2.2. */
    @Test
    void whatIsNotSafeIsNotSentAgainOnAnotherConnection() {
        RawOrigin closing = setup.origin((head, in, out) -> {
            if (head.startsWith("POST")) {
                return false;
            }
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.UTF_8));
            return true;
        });
        assertThat(text(setup.get(closing.endpoint()))).isEqualTo("ok");
        assertKind(
                () -> setup.client
                        .fetch(request("POST", null, closing.endpoint()))
                        .block(),
                Kind.CLOSED);
        assertThat(closing.heads()).hasSize(2);
    }

    @Test
    void whoWaitsGetsTheNextFreeConnection() {
        RawOrigin origin = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        List<UpstreamResponse> held = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            held.add(setup.get(origin.endpoint()));
        }
        List<Mono<UpstreamResponse>> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Mono<UpstreamResponse> next =
                    setup.client.fetch(request("GET", null, origin.endpoint())).cache();
            next.subscribe();
            waiting.add(next);
        }
        held.forEach(response -> assertThat(text(response)).isEqualTo("ok"));
        waiting.forEach(next -> assertThat(text(next.block())).isEqualTo("ok"));
        assertThat(origin.connections()).isEqualTo(4);
    }

    @Test
    void whoHasGoneIsNotWaitedFor() {
        RawOrigin origin = setup.origin((head, in, out) -> in.read() >= 0);
        for (int i = 0; i < 20; i++) {
            setup.client
                    .fetch(request("GET", null, origin.endpoint()))
                    .subscribe()
                    .dispose();
        }
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> origin.open() == 0);
        RawOrigin other = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        assertThat(text(setup.get(other.endpoint()))).isEqualTo("ok");
    }

    @Test
    void smallContentThatNobodyWantsDoesNotCostAConnection() {
        RawOrigin origin =
                setup.saying("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n");
        for (int i = 0; i < 5; i++) {
            setup.get(origin.endpoint()).discard();
            int used = origin.heads().size();
            assertThat(used).isEqualTo(i + 1);
        }
        assertThat(origin.connections()).isLessThan(5);
    }

    @Test
    void discardingClosesTheConnection() throws InterruptedException {
        CountDownLatch closed = new CountDownLatch(1);
        RawOrigin origin = setup.origin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx".getBytes(StandardCharsets.UTF_8));
            try {
                while (in.read() >= 0) {
                    // until the edge goes
                }
            } finally {
                closed.countDown();
            }
            return false;
        });
        setup.get(origin.endpoint()).discard();
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void boundsWhatWaitsForAConnection() {
        RawOrigin origin = setup.origin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            return in.read() >= 0;
        });
        // four connections are held, four requests wait, the next is refused
        List<UpstreamResponse> held = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            held.add(setup.get(origin.endpoint()));
        }
        for (int i = 0; i < 4; i++) {
            setup.client
                    .fetch(request("GET", null, origin.endpoint()))
                    .subscribe(UpstreamResponse::discard, failure -> {});
        }
        assertKind(() -> setup.get(origin.endpoint()), Kind.OVERLOADED);
        held.forEach(UpstreamResponse::discard);
    }
}
