package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.web.Http3Client.Exchange;
import io.netty.handler.codec.http3.Http3ErrorCode;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** HTTP/3 (RFC 9114) and QUIC (RFC 9000) as hostile clients speak them, over real sockets. */
@Timeout(60)
class Http3RefusalTest {

    @TempDir
    static Path directory;

    private static TlsEdge edge;

    @BeforeAll
    static void start() throws BindException {
        edge = new TlsEdge(
                directory,
                true,
                (head, in, out) -> {
                    // what is announced has to come, or else the answer might be there before the fault is
                    if (head.startsWith("POST /announced ") && in.readNBytes(9).length < 9) {
                        return false;
                    }
                    out.write(
                            "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nAlt-Svc: clear\r\nContent-Length: 2\r\n\r\nok"
                                    .getBytes(StandardCharsets.US_ASCII));
                    return true;
                },
                "default",
                TestEdge.HOST,
                "other.example");
    }

    @AfterAll
    static void stop() {
        edge.close();
    }

    /** Whatever happened before, the next client is served. */
    @AfterEach
    void aGoodRequestIsStillAnswered() throws IOException {
        try (Http3Client client = edge.http3()) {
            assertThat(client.get("/fine").content()).isEqualTo("ok");
        }
    }

    static Stream<Arguments> malformed() {
        String host = TestEdge.HOST;
        return Stream.of(
                Arguments.of("transfer-encoding (section 4.2)", get("transfer-encoding", "chunked")),
                Arguments.of("connection (section 4.2)", get("connection", "x-a")),
                Arguments.of("keep-alive (section 4.2)", get("keep-alive", "1")),
                Arguments.of("proxy-connection (section 4.2)", get("proxy-connection", "close")),
                Arguments.of("upgrade (section 4.2)", get("upgrade", "h2c")),
                Arguments.of("te other than trailers (section 4.2)", get("te", "gzip")),
                Arguments.of("CR LF in a value (section 10.3)", get("x-a", "b\r\nx-evil: 1")),
                Arguments.of("LF in a value", get("x-a", "b\nc")),
                Arguments.of("NUL in a value", get("x-a", "b\0c")),
                Arguments.of("CR LF in a name", get("x-a\r\nx-evil", "1")),
                Arguments.of("a colon in a name", get("x:a", "1")),
                Arguments.of("a space in a name", get("x a", "1")),
                Arguments.of("an upper-case name (section 4.2)", get("X-A", "1")),
                Arguments.of("an empty name", get("", "1")),
                Arguments.of("an unknown pseudo-header (section 4.3)", get(":proto", "1")),
                Arguments.of("a response's pseudo-header", get(":status", "200")),
                Arguments.of("a pseudo-header twice", get(":path", "/y")),
                fields("a pseudo-header behind a field", ":method", "GET", "x-a", "b", ":path", "/x"),
                fields("no :path", ":method", "GET", ":scheme", "https", ":authority", host),
                fields("an empty :path", ":method", "GET", ":scheme", "https", ":authority", host, ":path", ""),
                fields("no :method", ":scheme", "https", ":authority", host, ":path", "/x"),
                fields("no :scheme", ":method", "GET", ":authority", host, ":path", "/x"),
                fields("another :scheme", ":method", "GET", ":scheme", "http", ":authority", host, ":path", "/x"),
                fields("no host at all (section 4.3.1)", ":method", "GET", ":scheme", "https", ":path", "/x"),
                fields(
                        "a request line in :path",
                        ":method",
                        "GET",
                        ":scheme",
                        "https",
                        ":authority",
                        host,
                        ":path",
                        "/x HTTP/1.1\r\nx: y"),
                fields("a space in :method", ":method", "G /", ":scheme", "https", ":authority", host, ":path", "/x"),
                fields(
                        "a user in :authority",
                        ":method",
                        "GET",
                        ":scheme",
                        "https",
                        ":authority",
                        "a@" + host,
                        ":path",
                        "/x"),
                Arguments.of("another Host (section 4.3.1)", get("host", "other.example")),
                Arguments.of("a length and no content (section 4.1.2)", get("content-length", "5")),
                Arguments.of("two lengths", get("content-length", "0", "content-length", "1")),
                Arguments.of("a length with a sign", get("content-length", "+0")));
    }

    private static String[] get(String... more) {
        return Http3Client.request("GET", "/x", more);
    }

    private static Arguments fields(String what, String... fields) {
        return Arguments.of(what, fields);
    }

    /** RFC 9114 section 4.1.2: reset, or refused with a 4xx; nothing of it ever reaches an origin. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void malformedRequestsAreNotServed(String what, String[] fields) throws IOException {
        edge.asked().clear();
        try (Http3Client client = edge.http3()) {
            Exchange exchange = client.send(fields);
            int status;
            try {
                status = exchange.status();
            } catch (IOException notAnswered) {
                status = 0;
            }
            if (status == 0) {
                assertThat(exchange.resetCode()).as(what).isEqualTo(Http3ErrorCode.H3_MESSAGE_ERROR);
            } else {
                assertThat(status).as(what).isBetween(400, 499);
            }
        }
        assertThat(edge.asked()).isEmpty();
    }

    /** RFC 9114 section 4.1.2. */
    @Test
    void contentOfAnotherLengthIsNoRequest() throws IOException {
        try (Http3Client client = edge.http3()) {
            Exchange more = client.begin(Http3Client.request("POST", "/announced", "content-length", "3"));
            more.send("more");
            more.finish();
            assertThat(more.resetCode()).isEqualTo(Http3ErrorCode.H3_MESSAGE_ERROR);
            Exchange less = client.begin(Http3Client.request("POST", "/announced", "content-length", "9"));
            less.send("less");
            less.finish();
            assertThat(less.resetCode()).isEqualTo(Http3ErrorCode.H3_MESSAGE_ERROR);
        }
    }

    @Test
    void aGetWithContentIsRefused() throws IOException {
        try (Http3Client client = edge.http3()) {
            Exchange exchange = client.begin(get());
            exchange.send("GET /evil");
            exchange.finish();
            assertThat(exchange.status()).isEqualTo(400);
        }
    }

    /** Half a second in these tests. */
    @Test
    void aHeadThatDoesNotComeInTimeEndsItsStream() throws IOException {
        try (Http3Client client = edge.http3()) {
            Exchange exchange = client.begin(get());
            assertThat(exchange.resetCode()).isEqualTo(Http3ErrorCode.H3_REQUEST_INCOMPLETE);
            assertThat(client.get("/fine").status()).isEqualTo(200);
        }
    }

    @Test
    void aHeaderSectionHasALimit() throws IOException {
        try (Http3Client client = edge.http3()) {
            client.send(get("x-a", "a".repeat(30_000), "x-b", "b".repeat(30_000)));
            assertThat(client.closeCode()).isEqualTo(Http3ErrorCode.H3_EXCESSIVE_LOAD.code());
        }
    }

    /** RFC 9114 section 10.5: rapid reset (CVE-2023-44487), as HTTP/3 knows it. */
    @Test
    void aFloodOfBrokenRequestsEndsTheConnection() throws IOException {
        double before = EdgeMetrics.http3ClosedSoFar(ConnectionClosing.FLOOD);
        try (Http3Client client = edge.http3()) {
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 2000; i++) {
                            client.send(get("connection", "x-a")).resetCode();
                        }
                    })
                    .isInstanceOf(IOException.class);
            assertThat(client.closeCode()).isEqualTo(Http3ErrorCode.H3_EXCESSIVE_LOAD.code());
        }
        assertThat(EdgeMetrics.http3ClosedSoFar(ConnectionClosing.FLOOD)).isEqualTo(before + 1);
    }

    /** Two seconds in these tests. */
    @Test
    void aConnectionWithoutRequestsIsClosed() throws IOException {
        try (Http3Client client = edge.http3()) {
            assertThat(client.get("/fine").status()).isEqualTo(200);
            assertThat(client.closeCode()).isEqualTo(Http3ErrorCode.H3_NO_ERROR.code());
            assertThat(client.goneAwayFrom()).isEqualTo(4);
        }
    }

    // ------------------------------------------------------------------------------------------------- certificates

    @Test
    void showsTheCertificateOfTheName() throws IOException {
        for (String name : new String[] {TestEdge.HOST, "other.example"}) {
            try (Http3Client client = Http3Client.open(edge.port(), name)) {
                assertThat(client.peer().getSubjectX500Principal().getName()).isEqualTo("CN=" + name);
            }
        }
        try (Http3Client client = Http3Client.open(edge.port(), "stranger.example")) {
            assertThat(client.peer().getSubjectX500Principal().getName()).isEqualTo("CN=default");
        }
    }

    /** RFC 9110 section 15.5.20. */
    @Test
    void aRequestForAnotherNameIsMisdirected() throws IOException {
        try (Http3Client client = Http3Client.open(edge.port(), "other.example")) {
            assertThat(client.get("/fine").status()).isEqualTo(421);
        }
    }

    @Test
    void aCertificateChangesUnderConnections() throws IOException {
        edge.certify("changing.example");
        try (Http3Client before = Http3Client.open(edge.port(), "changing.example")) {
            edge.certify("changing.example");
            try (Http3Client after = Http3Client.open(edge.port(), "changing.example")) {
                assertThat(after.peer()).isNotEqualTo(before.peer());
            }
        } finally {
            edge.withdraw("changing.example");
        }
    }

    /** RFC 7838 section 3. */
    @Test
    void responsesOverTlsAnnounceIt() throws IOException {
        String announced = "h3=\":" + edge.port() + "\"; ma=86400";
        try (Http3Client client = edge.http3()) {
            assertThat(client.get("/fine").field("alt-svc")).isEqualTo(announced);
        }
        for (int i = 0; i < 2; i++) {
            try (RawHttp2Client client = RawHttp2Client.handshake(edge.port(), TestEdge.HOST, "http/1.1")) {
                assertThat(client.text(
                                "GET /fine HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\nConnection: close\r\n\r\n"))
                        .startsWith("HTTP/1.1 200")
                        .containsIgnoringCase("\r\nalt-svc: " + announced + "\r\n")
                        .as("an origin's own")
                        .doesNotContain("clear");
            }
            try (RawHttp2Client client = edge.http2()) {
                client.get(1, TestEdge.HOST, "/fine");
                assertThat(new String(client.nextOf(1).payload(), StandardCharsets.ISO_8859_1))
                        .contains("alt-svc", announced);
            }
        }
        try (RawClient client = new RawClient(edge.server().port())) {
            client.send("GET /fine HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\n\r\n");
            assertThat(client.response().head()).as("in the clear").doesNotContainIgnoringCase("alt-svc");
        }
    }

    // ---------------------------------------------------------------------------------------------------- datagrams

    /** What comes back for a datagram; null for nothing in a moment. */
    private static byte[] answer(byte[] datagram, int patienceMillis) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            socket.send(new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), edge.port()));
            socket.setSoTimeout(patienceMillis);
            DatagramPacket answer = new DatagramPacket(new byte[2000], 2000);
            try {
                socket.receive(answer);
            } catch (SocketTimeoutException none) {
                return new byte[0];
            }
            return Arrays.copyOf(answer.getData(), answer.getLength());
        }
    }

    /** An Initial packet's beginning (RFC 9000 section 17.2.2) of a version, in a datagram of this size. */
    private static byte[] initial(int version, int size) {
        return ByteBuffer.allocate(size)
                .put((byte) 0xc3)
                .putInt(version)
                .put((byte) 8)
                .putLong(0x0102030405060708L)
                .put((byte) 8)
                .putLong(0x1112131415161718L)
                .array();
    }

    /** RFC 9000 section 6.1. */
    @Test
    void anUnknownVersionIsAnsweredWithThoseKnown_butOnlyInAsManyOctetsAsCame() throws IOException {
        byte[] negotiation = answer(initial(0x1a2a3a4a, 1200), 10_000);
        assertThat(negotiation.length).isBetween(15, 1200);
        assertThat(ByteBuffer.wrap(negotiation).getInt(1)).as("version").isZero();
        double before = EdgeMetrics.DATAGRAMS_DROPPED.get();
        assertThat(answer(initial(0x1a2a3a4a, 1199), 100)).isEmpty();
        assertThat(answer(initial(1, 1199), 100)).isEmpty();
        assertThat(answer(initial(0, 1200), 100)).as("a version negotiation").isEmpty();
        await().until(() -> EdgeMetrics.DATAGRAMS_DROPPED.get() == before + 3);
    }

    @Test
    void garbageIsDropped() throws IOException {
        Random random = new Random(3);
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 2000; i++) {
                byte[] garbage = new byte[i % 5 == 0 ? random.nextInt(30) : random.nextInt(1500)];
                random.nextBytes(garbage);
                if (i % 3 == 0 && garbage.length > 5) {
                    // looks like an Initial packet
                    byte[] head = initial(1, 30);
                    System.arraycopy(head, 0, garbage, 0, Math.min(6 + i % 20, garbage.length));
                }
                socket.send(new DatagramPacket(garbage, garbage.length, InetAddress.getLoopbackAddress(), edge.port()));
            }
        }
    }
}
