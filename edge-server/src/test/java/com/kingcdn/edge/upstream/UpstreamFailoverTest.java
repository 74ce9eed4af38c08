package com.kingcdn.edge.upstream;

import static com.kingcdn.edge.upstream.UpstreamSetup.assertKind;
import static com.kingcdn.edge.upstream.UpstreamSetup.backup;
import static com.kingcdn.edge.upstream.UpstreamSetup.distribution;
import static com.kingcdn.edge.upstream.UpstreamSetup.nobody;
import static com.kingcdn.edge.upstream.UpstreamSetup.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.OriginCheck;
import com.kingcdn.topology.OriginEndpoint;
import com.kingcdn.topology.UpstreamSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is asked when somebody fails. */
@Timeout(30)
class UpstreamFailoverTest {

    private final UpstreamSetup setup = new UpstreamSetup();

    @AfterEach
    void close() {
        setup.close();
    }

    @Test
    void asksAnotherEndpointWhenTheFirstRefuses() throws IOException {
        RawOrigin origin = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        assertThat(text(setup.get(nobody(), origin.endpoint()))).isEqualTo("ok");
    }

    @Test
    void failsWhenNobodyListens() throws IOException {
        OriginEndpoint nobody = nobody();
        assertKind(() -> setup.get(nobody), Kind.REFUSED);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 504})
    void asksAnotherOriginWhenTheFirstFails(int status) {
        RawOrigin failing = setup.saying("HTTP/1.1 " + status + " Failed\r\nContent-Length: 2\r\n\r\nno");
        RawOrigin second = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Distribution both = distribution(null, failing.endpoint(), backup(second));

        assertThat(text(setup.fetch(both, "GET").block())).isEqualTo("ok");
        assertThat(setup.fetch(both, "POST").block()).as("not repeated").satisfies(answer -> {
            assertThat(answer.status()).isEqualTo(status);
            answer.discard();
        });
        assertThat(failing.heads()).hasSize(2);
    }

    @Test
    void aFailureStandsWhenNobodyElseIsThere() {
        RawOrigin failing = setup.saying("HTTP/1.1 503 Failed\r\nContent-Length: 2\r\n\r\nno");
        UpstreamResponse answer = setup.get(failing.endpoint());
        assertThat(answer.status()).isEqualTo(503);
        assertThat(text(answer)).isEqualTo("no");
        assertThat(failing.heads()).as("not asked again at once").hasSize(1);
    }

    @Test
    void asksAnotherOriginWhenTheFirstIsSilent() {
        RawOrigin silent = setup.origin((head, in, out) -> in.read() >= 0);
        RawOrigin second = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        assertThat(text(setup.fetch(distribution(null, silent.endpoint(), backup(second)), "GET")
                        .block()))
                .isEqualTo("ok");
    }

    /** RFC 9110 section 10.2.3. */
    @Test
    void leavesAnOriginAloneForAsLongAsItAsks() {
        RawOrigin busy = setup.saying("HTTP/1.1 429 Busy\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n");
        RawOrigin second = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Distribution both = distribution(null, busy.endpoint(), backup(second));
        for (int i = 0; i < 5; i++) {
            assertThat(text(setup.fetch(both, "GET").block())).isEqualTo("ok");
        }
        assertThat(busy.heads()).hasSize(1);
    }

    @Test
    void aDistributionHasItsOwnPatience() {
        RawOrigin slow = setup.origin((head, in, out) -> {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(700));
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.UTF_8));
            return true;
        });
        UpstreamSettings patient = new UpstreamSettings(null, Duration.ofSeconds(10), null, null);
        assertThat(text(setup.fetch(distribution(patient, slow.endpoint()), "GET")
                        .block()))
                .isEqualTo("ok");
        UpstreamSettings impatient = new UpstreamSettings(null, Duration.ofMillis(50), null, null);
        assertKind(
                () -> setup.fetch(distribution(impatient, slow.endpoint()), "GET")
                        .block(),
                Kind.RESPONSE_TIMEOUT);
    }

    private static final UpstreamSettings QUICK = new UpstreamSettings(Duration.ofMillis(150), null, null, null);

    /** Its kernel answers no SYN while a queue of connections that nobody accepts is full. */
    @Test
    void anOriginThatTakesNoConnectionIsGivenUpInTime() throws IOException {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            boolean taken = true;
            while (taken) {
                Socket next = new Socket();
                waiting.add(next);
                taken = connects(next, full);
            }
            OriginEndpoint endpoint = new OriginEndpoint(URI.create("http://127.0.0.1:" + full.getLocalPort()));
            assertKind(() -> setup.fetch(distribution(QUICK, endpoint), "GET").block(), Kind.CONNECT_TIMEOUT);
            RawOrigin second = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assertThat(text(setup.fetch(distribution(QUICK, endpoint, backup(second)), "GET")
                            .block()))
                    .isEqualTo("ok");
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    private static boolean connects(Socket socket, ServerSocket to) throws IOException {
        try {
            socket.connect(to.getLocalSocketAddress(), 200);
            return true;
        } catch (SocketTimeoutException full) {
            return false;
        }
    }

    /** Its connection is there, and its TLS does not come. */
    @Test
    void anOriginWhoseTlsIsSilentIsGivenUpInTime() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            OriginEndpoint endpoint = new OriginEndpoint(URI.create("https://127.0.0.1:" + silent.getLocalPort()));
            assertKind(() -> setup.fetch(distribution(QUICK, endpoint), "GET").block(), Kind.CONNECT_TIMEOUT);
        }
    }

    /** An origin that has been silent for long is not asked by every request, and is found when it is back. */
    @Test
    void aCircuitOpensAndClosesByATrial() {
        AtomicBoolean back = new AtomicBoolean();
        RawOrigin origin = setup.origin((head, in, out) -> {
            if (back.get()) {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.UTF_8));
            }
            return back.get();
        });
        Awaitility.await().atMost(Duration.ofSeconds(15)).until(() -> kind(origin) == Kind.UNAVAILABLE);
        int asked = origin.heads().size();
        for (int i = 0; i < 20; i++) {
            kind(origin);
        }
        assertThat(origin.heads()).as("trials only").hasSizeLessThanOrEqualTo(asked + 2);

        back.set(true);
        Awaitility.await().atMost(Duration.ofSeconds(15)).until(() -> kind(origin) == null);
        assertThat(text(setup.get(origin.endpoint()))).isEqualTo("ok");
    }

    private @Nullable Kind kind(RawOrigin origin) {
        try {
            setup.get(origin.endpoint()).discard();
            return null;
        } catch (UpstreamException e) {
            return e.kind();
        }
    }

    @Test
    void checksFindOutWhoWorks() {
        AtomicInteger status = new AtomicInteger(503);
        RawOrigin checked = setup.origin((head, in, out) -> {
            int code = head.startsWith("GET /up ") ? status.get() : 200;
            out.write(("HTTP/1.1 " + code + " X\r\nContent-Length: 5\r\n\r\nfirst").getBytes(StandardCharsets.UTF_8));
            return true;
        });
        RawOrigin second = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
        OriginCheck check = new OriginCheck("/up", Duration.ofSeconds(1), Duration.ofMillis(500), List.of(200));
        Distribution both =
                distribution(new UpstreamSettings(null, null, null, check), checked.endpoint(), backup(second));
        assertThat(text(setup.fetch(both, "GET").block())).isEqualTo("first");

        setup.client.checks().start(() -> List.of(both));
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .until(() -> text(setup.fetch(both, "GET").block()).equals("second"));
        status.set(200);
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .until(() -> text(setup.fetch(both, "GET").block()).equals("first"));
        assertThat(checked.heads()).anyMatch(head -> head.startsWith("GET /up HTTP/1.1\r\nhost: 127.0.0.1:"));
    }

    /** Content that breaks off is as bad as none: it does not help that its head came. */
    @Test
    void contentThatBreaksOffSpeaksAgainstItsOrigin() {
        RawOrigin breaking = setup.origin((head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".getBytes(StandardCharsets.UTF_8));
            return false;
        });
        RawOrigin second = setup.saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        Distribution both = distribution(null, breaking.endpoint(), backup(second));
        for (int i = 0; i < 3; i++) {
            assertKind(() -> text(setup.fetch(both, "GET").block()), Kind.TRUNCATED);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(text(setup.fetch(both, "GET").block())).isEqualTo("ok");
        }
        assertThat(breaking.heads()).hasSize(3);
    }
}
