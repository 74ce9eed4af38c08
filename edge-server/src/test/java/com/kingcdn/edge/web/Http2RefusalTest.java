package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.web.RawHttp2Client.Frame;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
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

/** HTTP/2 (RFC 9113) as a hostile client speaks it, over real sockets. */
@Timeout(60)
class Http2RefusalTest {

    private static final int PROTOCOL_ERROR = 1;
    private static final int ENHANCE_YOUR_CALM = 11;

    @TempDir
    static Path directory;

    private static TlsEdge edge;

    @BeforeAll
    static void start() throws BindException {
        edge = TlsEdge.sayingOk(directory, TestEdge.HOST);
    }

    @AfterAll
    static void stop() {
        edge.close();
    }

    /** Whatever happened before, the next client is served. */
    @AfterEach
    void aGoodRequestIsStillAnswered() throws IOException {
        edge.assertServes();
    }

    static Stream<Arguments> malformed() {
        String[] good = {":method", "GET", ":scheme", "https", ":authority", TestEdge.HOST, ":path", "/x"};
        return Stream.of(
                Arguments.of("transfer-encoding (section 8.2.2)", with(good, "transfer-encoding", "chunked")),
                Arguments.of("connection (section 8.2.2)", with(good, "connection", "x-a")),
                Arguments.of("upgrade (section 8.2.2)", with(good, "upgrade", "h2c")),
                Arguments.of("te other than trailers (section 8.2.2)", with(good, "te", "gzip")),
                Arguments.of("CR LF in a value (section 8.2.1)", with(good, "x-a", "b\r\nx-evil: 1")),
                Arguments.of("LF in a value", with(good, "x-a", "b\nc")),
                Arguments.of("NUL in a value", with(good, "x-a", "b\0c")),
                Arguments.of("CR LF in a name", with(good, "x-a\r\nx-evil", "1")),
                Arguments.of("a colon in a name", with(good, "x:a", "1")),
                Arguments.of("a space in a name", with(good, "x a", "1")),
                Arguments.of("an upper-case name (section 8.2.1)", with(good, "X-A", "1")),
                Arguments.of("an empty name", with(good, "", "1")),
                Arguments.of("an unknown pseudo-header (section 8.3)", with(good, ":proto", "1")),
                Arguments.of("a response's pseudo-header", with(good, ":status", "200")),
                Arguments.of("a pseudo-header twice", with(good, ":path", "/y")),
                Arguments.of("a pseudo-header behind a field", new String[] {
                    ":method", "GET", ":scheme", "https", "x-a", "b", ":path", "/x", ":authority", "h"
                }),
                Arguments.of(
                        "no :path", new String[] {":method", "GET", ":scheme", "https", ":authority", TestEdge.HOST}),
                Arguments.of(
                        "an empty :path",
                        new String[] {":method", "GET", ":scheme", "https", ":authority", TestEdge.HOST, ":path", ""}),
                Arguments.of(
                        "no :method", new String[] {":scheme", "https", ":authority", TestEdge.HOST, ":path", "/x"}),
                Arguments.of("no :scheme", new String[] {":method", "GET", ":authority", TestEdge.HOST, ":path", "/x"}),
                Arguments.of("a request line in :path", new String[] {
                    ":method", "GET", ":scheme", "https", ":authority", TestEdge.HOST, ":path", "/x HTTP/1.1\r\nx: y"
                }),
                Arguments.of("a space in :method", new String[] {
                    ":method", "GET /evil", ":scheme", "https", ":authority", TestEdge.HOST, ":path", "/x"
                }),
                Arguments.of("a user in :authority", new String[] {
                    ":method", "GET", ":scheme", "https", ":authority", "a@" + TestEdge.HOST, ":path", "/x"
                }),
                Arguments.of("another Host (section 8.3.1)", with(good, "host", "other.example")),
                Arguments.of("a length and no content", with(good, "content-length", "5")),
                Arguments.of("two lengths", with(with(good, "content-length", "0"), "content-length", "1")),
                Arguments.of("a length with a sign", with(good, "content-length", "+0")),
                Arguments.of("an expectation", with(good, "expect", "wonders")));
    }

    private static String[] with(String[] fields, String name, String value) {
        String[] more = Arrays.copyOf(fields, fields.length + 2);
        more[fields.length] = name;
        more[fields.length + 1] = value;
        return more;
    }

    /** RFC 9113 section 8.1.1: reset, or refused with a 4xx; nothing of it ever reaches an origin. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void malformedRequestsAreNotServed(String what, String[] fields) throws IOException {
        edge.asked().clear();
        try (RawHttp2Client client = edge.http2()) {
            client.frame(
                    RawHttp2Client.HEADERS,
                    RawHttp2Client.END_STREAM | RawHttp2Client.END_HEADERS,
                    1,
                    RawHttp2Client.block(fields));
            int status;
            try {
                status = client.status(1);
            } catch (IOException goAway) {
                status = -PROTOCOL_ERROR;
            }
            assertThat(status)
                    .as(what)
                    .satisfiesAnyOf(
                            reset -> assertThat(reset).isEqualTo(-PROTOCOL_ERROR),
                            refused -> assertThat(refused).isBetween(400, 499));
        }
        assertThat(edge.asked()).isEmpty();
    }

    /** Content on a GET, which HTTP/1.1 caches behind us would not expect. */
    @Test
    void aGetWithContentIsRefused() throws IOException {
        try (RawHttp2Client client = edge.http2()) {
            client.frame(
                    RawHttp2Client.HEADERS,
                    RawHttp2Client.END_HEADERS,
                    1,
                    RawHttp2Client.block(
                            ":method", "GET", ":scheme", "https", ":authority", TestEdge.HOST, ":path", "/get"));
            client.frame(
                    RawHttp2Client.DATA, RawHttp2Client.END_STREAM, 1, "GET /evil".getBytes(StandardCharsets.UTF_8));
            assertThat(client.status(1)).isEqualTo(400);
        }
    }

    private static void closedAsAFlood(RawHttp2Client client, double before) throws IOException {
        Frame goAway = client.next(RawHttp2Client.GOAWAY);
        if (goAway != null) {
            assertThat(goAway.errorCode()).isEqualTo(ENHANCE_YOUR_CALM);
        }
        assertThat(client.next(RawHttp2Client.GOAWAY)).as("closed").isNull();
        assertThat(EdgeMetrics.http2ClosedSoFar(ConnectionClosing.FLOOD)).isEqualTo(before + 1);
    }

    private interface Attack {

        void on(RawHttp2Client client) throws IOException;
    }

    static Stream<Arguments> floods() {
        byte[] request = RawHttp2Client.block(
                ":method", "GET", ":scheme", "https", ":authority", TestEdge.HOST, ":path", "/flood");
        Attack rapidReset = client -> {
            for (int stream = 1; stream < 2000; stream += 2) {
                client.frame(
                        RawHttp2Client.HEADERS,
                        RawHttp2Client.END_HEADERS | RawHttp2Client.END_STREAM,
                        stream,
                        request);
                client.frame(RawHttp2Client.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
            }
        };
        Attack settings = client -> {
            for (int i = 0; i < 2000; i++) {
                client.frame(RawHttp2Client.SETTINGS, 0, 0, new byte[0]);
            }
        };
        Attack pings = client -> {
            for (int i = 0; i < 2000; i++) {
                client.frame(RawHttp2Client.PING, 0, 0, new byte[8]);
            }
        };
        Attack priorities = client -> {
            for (int i = 0; i < 2000; i++) {
                // of streams that nobody has opened, each depending on none
                client.frame(RawHttp2Client.PRIORITY, 0, 2 * i + 1, new byte[5]);
            }
        };
        Attack emptyData = client -> {
            client.frame(
                    RawHttp2Client.HEADERS,
                    RawHttp2Client.END_HEADERS,
                    1,
                    RawHttp2Client.block(
                            ":method", "POST", ":scheme", "https", ":authority", TestEdge.HOST, ":path", "/flood"));
            for (int i = 0; i < 2000; i++) {
                client.frame(RawHttp2Client.DATA, 0, 1, new byte[0]);
            }
        };
        Attack continuation = client -> {
            client.frame(RawHttp2Client.HEADERS, RawHttp2Client.END_STREAM, 1, request);
            for (int i = 0; i < 2000; i++) {
                client.frame(RawHttp2Client.CONTINUATION, 0, 1, new byte[0]);
            }
        };
        return Stream.of(
                Arguments.of("rapid reset (CVE-2023-44487)", rapidReset),
                Arguments.of("settings (CVE-2019-9515)", settings),
                Arguments.of("ping (CVE-2019-9512)", pings),
                Arguments.of("priority (CVE-2019-9513)", priorities),
                Arguments.of("empty frames (CVE-2019-9518)", emptyData),
                Arguments.of("continuation (CVE-2024-27316)", continuation));
    }

    /** RFC 9113 section 10.5. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("floods")
    void floodsEndTheConnection(String what, Attack attack) throws IOException {
        double before = EdgeMetrics.http2ClosedSoFar(ConnectionClosing.FLOOD);
        try (RawHttp2Client client = edge.http2()) {
            try {
                attack.on(client);
            } catch (SocketException closedMeanwhile) {
                // as it should be
            }
            closedAsAFlood(client, before);
        }
    }

    @Test
    void aHeaderSectionHasALimit() throws IOException {
        try (RawHttp2Client client = edge.http2()) {
            String[] fields = {
                ":method",
                "GET",
                ":scheme",
                "https",
                ":authority",
                TestEdge.HOST,
                ":path",
                "/x",
                "x-a",
                "a".repeat(15_000)
            };
            client.frame(RawHttp2Client.HEADERS, RawHttp2Client.END_STREAM, 1, RawHttp2Client.block(fields));
            byte[] more = RawHttp2Client.block("x-b", "b".repeat(15_000));
            for (int i = 0; i < 4; i++) {
                client.frame(RawHttp2Client.CONTINUATION, i == 3 ? RawHttp2Client.END_HEADERS : 0, 1, more);
            }
            int status;
            try {
                status = client.status(1);
            } catch (IOException goAway) {
                status = 0;
            }
            assertThat(status).matches(not -> not < 200 || not > 399);
        }
    }

    @Test
    void moreStreamsThanAllowedAreRefused() throws IOException {
        try (RawHttp2Client client = edge.http2()) {
            byte[] open = RawHttp2Client.block(
                    ":method", "POST", ":scheme", "https", ":authority", TestEdge.HOST, ":path", "/x");
            for (int stream = 1; stream <= 21; stream += 2) {
                client.frame(RawHttp2Client.HEADERS, RawHttp2Client.END_HEADERS, stream, open);
            }
            Frame reset = Objects.requireNonNull(client.next(RawHttp2Client.RST_STREAM));
            assertThat(reset.stream()).isEqualTo(21);
        }
    }

    /** Two seconds in these tests. */
    @Test
    void aConnectionWithoutRequestsIsClosed() throws IOException {
        try (RawHttp2Client client = edge.http2()) {
            Frame goAway = Objects.requireNonNull(client.next(RawHttp2Client.GOAWAY));
            assertThat(goAway.errorCode()).isZero();
            assertThat(client.next(RawHttp2Client.GOAWAY)).isNull();
        }
    }
}
