package com.kingcdn.edge.web;

import static com.kingcdn.edge.web.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.transport.TransportKind;
import com.kingcdn.edge.web.RawClient.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections of HTTP/1.1 (RFC 9112 section 9) between requests, behind them and at their end, over each kind of transport. */
@Timeout(60)
@ParameterizedClass
@EnumSource(TransportKind.class)
class Http1ConnectionTest {

    private static final String HOST = "Host: " + TestEdge.HOST + "\r\n";

    private static final long FAR_MORE_THAN_SOCKETS_HOLD = 64_000_000;

    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger brokenOff = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private final TransportKind transport;
    private TestEdge edge;

    Http1ConnectionTest(TransportKind transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() throws IOException {
        edge = new TestEdge(transport, this::answer);
    }

    private boolean answer(String head, InputStream in, OutputStream out) throws IOException {
        asked.incrementAndGet();
        String target = head.split(" ", 3)[1];
        if (target.equals("/endless")) {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            try {
                while (true) {
                    out.write(new byte[10_000]);
                }
            } catch (IOException edgeHasGone) {
                brokenOff.incrementAndGet();
                return false;
            }
        }
        if (target.equals("/cut")) {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        }
        if (target.startsWith("/late") || target.equals("/cut")) {
            try {
                release.await();
            } catch (InterruptedException e) {
                return false;
            }
        }
        if (target.equals("/cut")) {
            return false;
        }
        if (target.equals("/drip")) {
            return drip(out);
        }
        int content = head.toLowerCase(java.util.Locale.ROOT).indexOf("content-length: ");
        String body = target;
        if (content >= 0) {
            int length = Integer.parseInt(head.substring(content + 16).split("\r\n", 2)[0]);
            body = new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
        }
        out.write(
                ("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                        .getBytes(StandardCharsets.ISO_8859_1));
        return true;
    }

    /** Sends content of unknown length until nobody takes it. */
    private boolean drip(OutputStream out) {
        try {
            out.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            while (!release.await(50, TimeUnit.MILLISECONDS)) {
                out.write("1\r\na\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException | InterruptedException edgeHasGone) {
            brokenOff.incrementAndGet();
        }
        return false;
    }

    @AfterEach
    void stop() {
        release.countDown();
        edge.close();
    }

    /** RFC 9112 section 9.3.2: misses, content and hits in the order of their requests, one at a time. */
    @Test
    void pipelinedRequestsOfEveryKindAreAnsweredInOrder() throws IOException {
        try (RawClient client = edge.connect()) {
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 60; i++) {
                requests.append(
                        i % 3 == 0
                                ? "POST /p HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\n\r\n" + (100 + i)
                                : i % 3 == 1 ? get("/miss?" + i) : get("/hit"));
            }
            client.send(requests.toString());
            for (int i = 0; i < 60; i++) {
                assertThat(client.response().body())
                        .isEqualTo(i % 3 == 0 ? Integer.toString(100 + i) : i % 3 == 1 ? "/miss?" + i : "/hit");
            }
        }
    }

    /** What comes behind a request that waits is held, not read on without end, and is answered. */
    @Test
    void requestsBehindOneThatWaitsStayInTheSocket() throws Exception {
        try (RawClient client = edge.connect()) {
            client.send(get("/late"));
            int many = 5_000;
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < many; i += 100) {
                        client.send(get("/hit").repeat(100));
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            await().until(() -> asked.get() == 1);
            release.countDown();
            assertThat(client.response().body()).isEqualTo("/late");
            for (int i = 0; i < many; i++) {
                assertThat(client.response().body()).isEqualTo("/hit");
            }
            sending.join();
        }
    }

    /** RFC 9112 section 9.3.2 lets a client pipeline, and us hold it off: its own socket fills, and not our memory. */
    @Test
    void whatComesBehindARequestThatWaitsIsNotReadWithoutEnd() throws IOException {
        InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), edge.port());
        try (SocketChannel client = SocketChannel.open(server);
                Selector selector = Selector.open()) {
            client.write(StandardCharsets.US_ASCII.encode(get("/late")));
            await().until(() -> asked.get() == 1);
            client.configureBlocking(false);
            client.register(selector, SelectionKey.OP_WRITE);
            ByteBuffer more = StandardCharsets.US_ASCII.encode(get("/hit").repeat(1000));
            long sent = 0;
            while (sent < FAR_MORE_THAN_SOCKETS_HOLD && selector.select(1000) > 0) {
                selector.selectedKeys().clear();
                sent += client.write(more.duplicate());
            }
            assertThat(sent).isLessThan(FAR_MORE_THAN_SOCKETS_HOLD);
        }
    }

    /** A fill that nobody waits for any more is given up. */
    @Test
    void aClientThatGoesEndsTheFetch() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send(get("/endless"));
            assertThat(client.beginning()).isEqualTo(200);
        }
        await().until(() -> brokenOff.get() == 1);
        await().until(() -> edge.server().openConnections() == 0);
    }

    /** RFC 9112 section 8: what ends with its connection is taken for whole, unless the end is none of the orderly kind. */
    @Test
    void contentThatWouldEndWithTheConnectionIsResetWhenItFails() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("GET /cut HTTP/1.0\r\n" + HOST + "\r\n");
            client.head();
            assertThat(client.read(2)).isEqualTo("ab");
            release.countDown();
            assertThatThrownBy(() -> client.read(1)).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void contentThatWouldEndWithTheConnectionIsResetWhenTheServerStops() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("GET /drip HTTP/1.0\r\n" + HOST + "\r\n");
            client.head();
            CompletableFuture<Void> stopping = CompletableFuture.runAsync(edge.server()::stop);
            assertThatThrownBy(() -> client.read(10_000)).isInstanceOf(SocketException.class);
            stopping.join();
        }
    }

    @Test
    void contentMayComeSlowly() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("POST /p HTTP/1.1\r\n" + HOST + "Content-Length: 10\r\n\r\n");
            for (int i = 0; i < 10; i++) {
                client.send(Integer.toString(i));
            }
            assertThat(client.response().body()).isEqualTo("0123456789");
            assertThat(client.send(get("/hit")).response().body()).isEqualTo("/hit");
        }
    }

    /** RFC 9293 section 3.6: the client's end is that of its sending only. */
    @Test
    void hitsOfAClientThatSendsItsEndBehindThemAreAnswered() throws IOException {
        try (RawClient client = edge.connect()) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.send(get("/hit")).response().body()).isEqualTo("/hit");
            }
        }
        for (int i = 0; i < 50; i++) {
            try (RawClient client = edge.connect()) {
                client.send(get("/hit")).end();
                assertThat(client.response().body()).isEqualTo("/hit");
            }
        }
    }

    /** RFC 9112 section 9.3: small content that a refusal leaves unread is read over, and the connection goes on. */
    @Test
    void smallContentOfARefusedRequestIsReadOver() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: stranger.example\r\nContent-Length: 5\r\n\r\nhello" + get("/hit"));
            assertThat(client.response().status()).isEqualTo(421);
            assertThat(client.response().body()).isEqualTo("/hit");
        }
    }

    /** RFC 9112 section 9.6: the response arrives although more is sent than is read, and then the connection ends. */
    @Test
    void largeContentOfARefusedRequestEndsTheConnection() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: stranger.example\r\nTransfer-Encoding: chunked\r\n\r\n");
            client.send("186a0\r\n" + "x".repeat(100_000) + "\r\n");
            Response response = client.response();
            assertThat(response.status()).isEqualTo(421);
            assertThat(client.rest()).isEmpty();
        }
    }

    /** RFC 9110 section 10.1.1: who waits to be asked and is refused is not waited for. */
    @Test
    void aRefusedExpectationEndsTheConnection() throws IOException {
        try (RawClient client = edge.connect()) {
            client.send(
                    "POST / HTTP/1.1\r\nHost: stranger.example\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            Response response = client.response();
            assertThat(response.status()).isEqualTo(421);
            assertThat(response.has("connection: close")).isTrue();
            assertThat(client.rest()).isEmpty();
        }
    }

    /** A connection between requests ends at once, one with a request under way after its response. */
    @Test
    void aServerThatStopsFinishesWhatIsUnderWay() throws Exception {
        try (RawClient idle = edge.connect();
                RawClient busy = edge.connect()) {
            assertThat(idle.send(get("/hit")).response().status()).isEqualTo(200);
            busy.send(get("/late"));
            await().until(() -> asked.get() == 2);
            Thread stopping = new Thread(() -> edge.server().stop());
            stopping.start();
            assertThat(idle.rest()).isEmpty();
            // the one that answers late has been told, too, when only patience is left
            await().until(() -> stopping.getState() == Thread.State.TIMED_WAITING);
            release.countDown();
            Response last = busy.response();
            assertThat(last.body()).isEqualTo("/late");
            assertThat(last.has("connection: close")).isTrue();
            assertThat(busy.rest()).isEmpty();
            stopping.join();
        }
    }

    /** RFC 9112 section 9.6: clients learn of it from a response, so that none sends a request which is not answered. */
    @Test
    void beforeAServerStopsEachResponseEndsItsConnection() throws Exception {
        try (RawClient idle = edge.connect();
                RawClient busy = edge.connect()) {
            assertThat(idle.send(get("/hit")).response().has("connection: close"))
                    .isFalse();
            busy.send(get("/late"));
            await().until(() -> asked.get() == 2);
            edge.server().announceStop();
            Response last;
            do {
                // the connection's own event loop may not have told it yet
                last = idle.send(get("/hit")).response();
            } while (!last.has("connection: close"));
            assertThat(idle.rest()).isEmpty();
            release.countDown();
            Response late = busy.response();
            assertThat(late.body()).isEqualTo("/late");
            assertThat(late.has("connection: close")).isTrue();
            assertThat(busy.rest()).isEmpty();
        }
        try (RawClient newcomer = edge.connect()) {
            Response only = newcomer.send(get("/hit")).response();
            assertThat(only.body()).isEqualTo("/hit");
            assertThat(only.has("connection: close")).isTrue();
            assertThat(newcomer.rest()).isEmpty();
        }
    }
}
