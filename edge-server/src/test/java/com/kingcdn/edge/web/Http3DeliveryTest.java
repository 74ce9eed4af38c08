package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.web.Http3Client.Exchange;
import io.netty.handler.codec.http3.Http3ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Responses over HTTP/3 (RFC 9114) as a client sees them, over real sockets. */
@Timeout(60)
class Http3DeliveryTest {

    private static final int LARGE = 3_000_000;
    private static final long ENDLESS = 100_000_000;
    private static final AtomicLong ENDLESS_SENT = new AtomicLong();
    private static final AtomicInteger BROKEN_OFF = new AtomicInteger();

    @TempDir
    static Path directory;

    private static TlsEdge edge;

    @BeforeAll
    static void start() throws BindException {
        edge = new TlsEdge(directory, true, Http3DeliveryTest::answer, TestEdge.HOST);
    }

    @AfterAll
    static void stop() {
        edge.close();
    }

    private static boolean answer(String head, InputStream in, OutputStream out) throws IOException {
        String target = head.split(" ", 3)[1];
        String cached = "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nETag: \"a\"\r\n";
        switch (target.split("\\?")[0]) {
            case "/none" -> say(out, "HTTP/1.1 204 No Content\r\nCache-Control: max-age=60\r\n\r\n");
            case "/interim" ->
                say(
                        out,
                        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            case "/chunks" ->
                say(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n");
            case "/cut" -> {
                say(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
                return false;
            }
            case "/wide" -> say(out, cached + "X-Wide: " + "w".repeat(20_000) + "\r\nContent-Length: 2\r\n\r\nok");
            case "/large" -> say(out, cached + "Content-Length: " + LARGE + "\r\n\r\n" + letters(LARGE));
            case "/endless" -> endless(out);
            case "/content" -> {
                String lower = head.toLowerCase(Locale.ROOT);
                int at = lower.indexOf("content-length: ");
                String content = at < 0
                        ? chunks(in)
                        : new String(
                                in.readNBytes(Integer.parseInt(
                                        lower.substring(at + 16).split("\r\n", 2)[0])),
                                StandardCharsets.ISO_8859_1);
                say(out, "HTTP/1.1 200 OK\r\nContent-Length: " + content.length() + "\r\n\r\n" + content);
            }
            default -> say(out, cached + "X-Odd: a\r\nContent-Length: 10\r\n\r\n0123456789");
        }
        return true;
    }

    private static void endless(OutputStream out) throws IOException {
        say(out, "HTTP/1.1 200 OK\r\nCache-Control: no-store\r\nContent-Length: " + ENDLESS + "\r\n\r\n");
        byte[] piece = new byte[50_000];
        try {
            for (long sent = 0; sent < ENDLESS; sent += piece.length) {
                out.write(piece);
                ENDLESS_SENT.addAndGet(piece.length);
            }
        } catch (IOException edgeHasGone) {
            BROKEN_OFF.incrementAndGet();
            throw edgeHasGone;
        }
    }

    private static String chunks(InputStream in) throws IOException {
        StringBuilder content = new StringBuilder();
        while (true) {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                line.append((char) c);
            }
            int size = Integer.parseInt(line.toString().strip(), 16);
            content.append(new String(in.readNBytes(size), StandardCharsets.ISO_8859_1));
            in.readNBytes(2);
            if (size == 0) {
                return content.toString();
            }
        }
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String letters(int size) {
        StringBuilder letters = new StringBuilder(size);
        for (int i = 0; i < size; i++) {
            letters.append((char) ('a' + i / 1000 % 26));
        }
        return letters.toString();
    }

    @Test
    void missesAndHitsHaveTheSameContent() throws IOException {
        try (Http3Client client = edge.http3()) {
            Exchange miss = client.get("/first");
            assertThat(miss.status()).isEqualTo(200);
            assertThat(miss.content()).isEqualTo("0123456789");
            assertThat(miss.field("cache-status")).startsWith("nyc-1; fwd=uri-miss");
            for (int i = 0; i < 20; i++) {
                Exchange hit = client.get("/first");
                assertThat(hit.content()).isEqualTo("0123456789");
                assertThat(hit.field("cache-status")).startsWith("nyc-1; hit");
                assertThat(hit.field("x-odd")).isEqualTo("a");
                assertThat(hit.field("via")).isEqualTo("1.1 nyc-1");
                assertThat(hit.field("age")).isNotNull();
                assertThat(hit.field("date")).isNotNull();
            }
        }
    }

    /** RFC 9110 sections 14, 13.1.2 and 9.3.2. */
    @Test
    void rangesValidationAndHeadAreAnsweredAsElsewhere() throws IOException {
        try (Http3Client client = edge.http3()) {
            assertThat(client.get("/parts").content()).isEqualTo("0123456789");
            Exchange part = client.get("/parts", "range", "bytes=2-4");
            assertThat(part.status()).isEqualTo(206);
            assertThat(part.field("content-range")).isEqualTo("bytes 2-4/10");
            assertThat(part.content()).isEqualTo("234");
            Exchange same = client.get("/parts", "if-none-match", "\"a\"");
            assertThat(same.status()).isEqualTo(304);
            assertThat(same.content()).isEmpty();
            Exchange head = client.send(Http3Client.request("HEAD", "/parts"));
            assertThat(head.field("content-length")).isEqualTo("10");
            assertThat(head.content()).isEmpty();
        }
    }

    @Test
    void contentWithoutLengthEndsWithItsStream() throws IOException {
        try (Http3Client client = edge.http3()) {
            assertThat(client.get("/chunks").content()).isEqualTo("abcde");
            Exchange none = client.get("/none");
            assertThat(none.status()).isEqualTo(204);
            assertThat(none.content()).isEmpty();
        }
    }

    /** RFC 9114 section 4.1: a client must see that a response is incomplete. */
    @Test
    void contentThatFailsResetsItsStreamOnly() throws IOException {
        try (Http3Client client = edge.http3()) {
            assertThat(client.get("/cut").resetCode()).isEqualTo(Http3ErrorCode.H3_INTERNAL_ERROR);
            assertThat(client.get("/same").status()).isEqualTo(200);
        }
    }

    /** RFC 9110 section 15.2. */
    @Test
    void interimResponsesComeFirst() throws IOException {
        try (Http3Client client = edge.http3()) {
            Exchange exchange = client.get("/interim");
            assertThat(exchange.interim()).containsExactly(103);
            assertThat(exchange.content()).isEqualTo("ok");
        }
    }

    @Test
    void headsMayBeLarge() throws IOException {
        try (Http3Client client = edge.http3()) {
            Exchange exchange = client.get("/wide");
            assertThat(exchange.field("x-wide")).hasSize(20_000);
            assertThat(exchange.content()).isEqualTo("ok");
        }
    }

    @Test
    void largeContentComesWhole() throws IOException {
        try (Http3Client client = edge.http3()) {
            assertThat(client.get("/large").content()).isEqualTo(letters(LARGE));
            assertThat(client.get("/large").content()).as("from memory").isEqualTo(letters(LARGE));
        }
    }

    /** RFC 9000 section 4: what has no window waits, other streams go on, and the origin is not read further than the client. */
    @Test
    void aSlowReaderHoldsBackItsContentOnly() throws IOException {
        ENDLESS_SENT.set(0);
        try (Http3Client client = Http3Client.open(edge.port(), TestEdge.HOST, 100_000)) {
            Exchange slow = client.get("/endless?slow");
            slow.read(false);
            await().until(() -> ENDLESS_SENT.get() > 0);
            for (int i = 0; i < 20; i++) {
                assertThat(client.get("/same").content()).isEqualTo("0123456789");
            }
            assertThat(ENDLESS_SENT.get())
                    .as("the rest waits in the origin's socket and ours")
                    .isLessThan(ENDLESS / 3);
            slow.read(true);
            await().until(() -> slow.received() > 1_000_000);
        }
    }

    /** A fill that nobody waits for any more is given up. */
    @Test
    void aClientThatGoesEndsTheFetch() throws IOException {
        int before = BROKEN_OFF.get();
        try (Http3Client client = edge.http3()) {
            Exchange cancelled = client.get("/endless?cancelled");
            assertThat(cancelled.status()).isEqualTo(200);
            cancelled.cancel();
            await().until(() -> BROKEN_OFF.get() == before + 1);
            assertThat(client.get("/endless?left").status()).isEqualTo(200);
        }
        await().until(() -> BROKEN_OFF.get() == before + 2);
        await().until(() -> edge.server().openConnections() == 0);
    }

    @Test
    void contentGoesToTheOrigin() throws IOException {
        try (Http3Client client = edge.http3()) {
            Exchange announced = client.begin(Http3Client.request("POST", "/content", "content-length", "10"));
            announced.send("01234");
            announced.send("56789");
            announced.finish();
            assertThat(announced.content()).isEqualTo("0123456789");
            Exchange unannounced = client.begin(Http3Client.request("PUT", "/content"));
            unannounced.send("some");
            unannounced.trailers("x-trailer", "dropped");
            unannounced.finish();
            assertThat(unannounced.content()).isEqualTo("some");
            Exchange large = client.begin(Http3Client.request("POST", "/content", "content-length", "60000"));
            large.send("x".repeat(60_000));
            large.finish();
            assertThat(large.content()).isEqualTo("x".repeat(60_000));
        }
    }

    /** RFC 9110 section 10.1.1. */
    @Test
    void whoWaitsToBeAskedForContentIsAsked() throws IOException {
        try (Http3Client client = edge.http3()) {
            Exchange exchange = client.begin(
                    Http3Client.request("POST", "/content", "content-length", "4", "expect", "100-continue"));
            // nobody is asked for what comes anyway (RFC 9110 section 10.1.1)
            await().until(() -> exchange.hasInterim(100));
            exchange.send("some");
            exchange.finish();
            assertThat(exchange.content()).isEqualTo("some");
        }
    }

    /** RFC 9114 section 4.1: a client need not have sent its request to have a response. */
    @Test
    void contentThatNobodyReadsCostsItsStreamOnly() throws IOException {
        try (Http3Client client = edge.http3()) {
            Exchange refused = client.begin(Http3Client.request("POST", "/content", "content-length", "1000000"));
            assertThat(refused.status()).isEqualTo(413);
            assertThat(client.get("/same").status()).isEqualTo(200);
        }
    }

    /** RFC 9114 section 5.2: what is under way is answered, and then the connection ends. */
    @Test
    void aServerThatStopsSaysSo() throws IOException {
        try (TestEdge stopping = edge.another();
                Http3Client client = Http3Client.open(stopping.server().tlsPort(), TestEdge.HOST)) {
            assertThat(client.get("/same").content()).isEqualTo("0123456789");
            stopping.server().stop();
            assertThat(client.goneAwayFrom()).isEqualTo(4);
            assertThat(client.closeCode()).isEqualTo(Http3ErrorCode.H3_NO_ERROR.code());
        }
    }

    /** RFC 9114 section 5.2: a request that the client has sent meanwhile can be sent again, over another connection. */
    @Test
    void aServerThatWillStopEndsItsConnectionsWhileOthersCanBeMade() throws IOException {
        try (TestEdge stopping = edge.another();
                Http3Client client = Http3Client.open(stopping.server().tlsPort(), TestEdge.HOST)) {
            assertThat(client.get("/same").content()).isEqualTo("0123456789");
            stopping.server().announceStop();
            assertThat(client.goneAwayFrom()).isEqualTo(4);
            try (Http3Client newcomer = Http3Client.open(stopping.server().tlsPort(), TestEdge.HOST)) {
                assertThat(newcomer.get("/same").content()).isEqualTo("0123456789");
            }
        }
    }
}
