package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.web.RawHttp2Client.Frame;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Responses over HTTP/2 (RFC 9113) as a client sees them, frame by frame. */
@Timeout(60)
class Http2DeliveryTest {

    private static final int LARGE = 300_000;
    private static final int WINDOW = 65_535;
    private static final int NO_ERROR = 0;

    @TempDir
    static Path directory;

    private static TlsEdge edge;

    @BeforeAll
    static void start() throws BindException {
        edge = new TlsEdge(directory, false, Http2DeliveryTest::answer, TestEdge.HOST);
    }

    @AfterAll
    static void stop() {
        edge.close();
    }

    private static boolean answer(String head, InputStream in, OutputStream out) throws IOException {
        String target = head.split(" ", 3)[1];
        String response =
                switch (target) {
                    case "/none" -> "HTTP/1.1 204 No Content\r\nCache-Control: max-age=60\r\n\r\n";
                    case "/interim" ->
                        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                                + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
                    case "/chunks" ->
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n";
                    case "/cut" -> "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n";
                    case "/wide" ->
                        "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nX-Wide: " + "w".repeat(20_000)
                                + "\r\nContent-Length: 2\r\n\r\nok";
                    case "/large" ->
                        "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: " + LARGE + "\r\n\r\n"
                                + "x".repeat(LARGE);
                    default ->
                        "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nX-Odd: a\r\nContent-Length: 2\r\n\r\nok";
                };
        out.write(response.getBytes(StandardCharsets.US_ASCII));
        return !target.equals("/cut") && !target.equals("/post");
    }

    private static RawHttp2Client open() throws IOException {
        return edge.http2();
    }

    private static String content(RawHttp2Client client, int stream) throws IOException {
        StringBuilder content = new StringBuilder();
        Frame frame;
        do {
            frame = client.nextOf(stream);
            if (frame.type() == RawHttp2Client.DATA) {
                content.append(new String(frame.payload(), StandardCharsets.US_ASCII));
            }
        } while (!frame.ends());
        return content.toString();
    }

    @Test
    void missesAndHitsHaveTheSameContent() throws IOException {
        try (RawHttp2Client client = open()) {
            for (int stream = 1; stream < 20; stream += 2) {
                client.get(stream, TestEdge.HOST, "/same");
                Frame head = client.nextOf(stream);
                assertThat(head.type()).isEqualTo(RawHttp2Client.HEADERS);
                assertThat(new String(head.payload(), StandardCharsets.ISO_8859_1))
                        .contains("x-odd", "cache-status");
                assertThat(content(client, stream)).isEqualTo("ok");
            }
        }
    }

    /** Streams are answered side by side: none waits for another. */
    @Test
    void aRequestDoesNotWaitForTheOneBefore() throws IOException {
        try (RawHttp2Client client = open()) {
            client.frame(
                    RawHttp2Client.HEADERS,
                    RawHttp2Client.END_HEADERS,
                    1,
                    RawHttp2Client.block(
                            ":method", "POST", ":scheme", "https", ":authority", TestEdge.HOST, ":path", "/post"));
            client.get(3, TestEdge.HOST, "/same");
            assertThat(client.status(3)).isEqualTo(200);
            client.frame(RawHttp2Client.DATA, RawHttp2Client.END_STREAM, 1, new byte[10]);
            assertThat(client.status(1)).isEqualTo(200);
        }
    }

    @Test
    void contentWithoutLengthEndsWithItsStream() throws IOException {
        try (RawHttp2Client client = open()) {
            client.get(1, TestEdge.HOST, "/chunks");
            assertThat(content(client, 1)).isEqualTo("abcde");
            client.get(3, TestEdge.HOST, "/none");
            assertThat(client.status(3)).isEqualTo(204);
        }
    }

    /** RFC 9113 section 8.1: a client must see that a response is incomplete. */
    @Test
    void contentThatFailsResetsItsStreamOnly() throws IOException {
        try (RawHttp2Client client = open()) {
            client.get(1, TestEdge.HOST, "/cut");
            Frame reset = Objects.requireNonNull(client.next(RawHttp2Client.RST_STREAM));
            assertThat(reset.stream()).isEqualTo(1);
            client.get(3, TestEdge.HOST, "/same");
            assertThat(client.status(3)).isEqualTo(200);
        }
    }

    /** RFC 9110 section 15.2. */
    @Test
    void interimResponsesComeFirst() throws IOException {
        try (RawHttp2Client client = open()) {
            client.get(1, TestEdge.HOST, "/interim");
            Frame interim = client.nextOf(1);
            Frame head = client.nextOf(1);
            assertThat(interim.type()).isEqualTo(RawHttp2Client.HEADERS);
            assertThat(interim.ends()).isFalse();
            assertThat(head.type()).isEqualTo(RawHttp2Client.HEADERS);
            assertThat(content(client, 1)).isEqualTo("ok");
        }
    }

    /** RFC 9113 section 6.10. */
    @Test
    void headsLargerThanAFrameAreContinued() throws IOException {
        try (RawHttp2Client client = open()) {
            client.get(1, TestEdge.HOST, "/wide");
            assertThat(client.nextOf(1).type()).isEqualTo(RawHttp2Client.HEADERS);
            assertThat(client.nextOf(1).type()).isEqualTo(RawHttp2Client.CONTINUATION);
            assertThat(content(client, 1)).isEqualTo("ok");
        }
    }

    /** RFC 7541 section 4.2: a head that follows a change of the client's table begins with the table's new size. */
    @Test
    void aSmallerTableIsAcknowledgedInTheNextHead() throws IOException {
        try (RawHttp2Client client = open()) {
            client.frame(RawHttp2Client.SETTINGS, 0, 0, new byte[] {0, 1, 0, 0, 0, 0});
            client.get(1, TestEdge.HOST, "/same");
            Frame head = client.nextOf(1);
            assertThat(head.payload()[0] & 0xe0).as("a size update").isEqualTo(0x20);
            assertThat(content(client, 1)).isEqualTo("ok");
        }
    }

    /** RFC 9113 section 5.2: what has no window waits, other streams go on, and the rest comes with the window. */
    @Test
    void aStalledWindowHoldsBackItsContentOnly() throws IOException {
        try (RawHttp2Client client = open()) {
            // the connection's window is opened wide, the streams' are not
            client.frame(RawHttp2Client.WINDOW_UPDATE, 0, 0, window(10_000_000));
            for (int stream : new int[] {1, 5}) {
                client.get(stream, TestEdge.HOST, "/large");
                int received = 0;
                while (received < WINDOW) {
                    Frame frame = client.nextOf(stream);
                    received += frame.type() == RawHttp2Client.DATA ? frame.payload().length : 0;
                }
                assertThat(received).as("from upstream, then from memory").isEqualTo(WINDOW);
                client.get(stream + 2, TestEdge.HOST, "/same");
                assertThat(content(client, stream + 2)).isEqualTo("ok");
                client.frame(RawHttp2Client.WINDOW_UPDATE, 0, stream, window(LARGE));
                assertThat(content(client, stream)).hasSize(LARGE - WINDOW);
            }
        }
    }

    private static byte[] window(int increment) {
        return ByteBuffer.allocate(4).putInt(increment).array();
    }

    /** RFC 9113 section 8.1: a whole response to a request that is still being sent ends with a reset that says nothing is wrong. */
    @Test
    void aClientIsToldWhenNobodyReadsItsContent() throws IOException {
        try (RawHttp2Client client = open()) {
            client.frame(
                    RawHttp2Client.HEADERS,
                    RawHttp2Client.END_HEADERS,
                    1,
                    RawHttp2Client.block(
                            ":method",
                            "POST",
                            ":scheme",
                            "https",
                            ":authority",
                            TestEdge.HOST,
                            ":path",
                            "/post",
                            "content-length",
                            "1000000"));
            assertThat(client.status(1)).isEqualTo(413);
            Frame reset = client.nextOf(1);
            assertThat(reset.type()).isEqualTo(RawHttp2Client.RST_STREAM);
            assertThat(reset.errorCode()).isEqualTo(NO_ERROR);
        }
    }

    /** RFC 9113 section 6.8: what is under way is answered, and then the connection ends. */
    @Test
    void aServerThatStopsSaysSo() throws IOException {
        try (TestEdge stopping = edge.another();
                RawHttp2Client client = RawHttp2Client.open(stopping.server().tlsPort(), TestEdge.HOST)) {
            client.get(1, TestEdge.HOST, "/same");
            assertThat(client.status(1)).isEqualTo(200);
            stopping.server().stop();
            Frame goAway = Objects.requireNonNull(client.next(RawHttp2Client.GOAWAY));
            assertThat(goAway.errorCode()).isEqualTo(NO_ERROR);
            assertThat(client.next(RawHttp2Client.GOAWAY)).as("closed").isNull();
        }
    }

    /** RFC 9113 section 6.8: a request that the client has sent meanwhile can be sent again, over another connection. */
    @Test
    void aServerThatWillStopEndsItsConnectionsWhileOthersCanBeMade() throws IOException {
        try (TestEdge stopping = edge.another();
                RawHttp2Client client = RawHttp2Client.open(stopping.server().tlsPort(), TestEdge.HOST)) {
            client.get(1, TestEdge.HOST, "/same");
            assertThat(client.status(1)).isEqualTo(200);
            stopping.server().announceStop();
            assertThat(Objects.requireNonNull(client.next(RawHttp2Client.GOAWAY))
                            .errorCode())
                    .isEqualTo(NO_ERROR);
            try (RawHttp2Client newcomer = RawHttp2Client.open(stopping.server().tlsPort(), TestEdge.HOST)) {
                newcomer.get(1, TestEdge.HOST, "/same");
                assertThat(newcomer.status(1)).isEqualTo(200);
            }
        }
    }
}
