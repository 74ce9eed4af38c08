package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9112 sections 8 and 9.8: over TLS, too, nobody is to take a part of content for the whole. */
@Timeout(60)
@ParameterizedClass
@ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
class ContentEndTest {

    private static final String LAST_CHUNK = "0\r\n\r\n";

    @TempDir
    Path directory;

    private final CountDownLatch begun = new CountDownLatch(1);
    private final String version;
    private TlsEdge edge;

    ContentEndTest(String version) {
        this.version = version;
    }

    @BeforeEach
    void start() throws IOException {
        edge = new TlsEdge(directory, false, this::answer, TestEdge.HOST);
    }

    @AfterEach
    void stop() {
        begun.countDown();
        edge.close();
    }

    /** Content of unknown length, of which a part is missing unless all is asked for. */
    private boolean answer(String head, InputStream in, OutputStream out) throws IOException {
        out.write(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n".getBytes(StandardCharsets.US_ASCII));
        try {
            begun.await();
        } catch (InterruptedException e) {
            return false;
        }
        if (head.startsWith("GET /all ")) {
            out.write(LAST_CHUNK.getBytes(StandardCharsets.US_ASCII));
        }
        return false;
    }

    private RawHttp2Client begin(String requestLine) throws IOException {
        RawHttp2Client client = RawHttp2Client.handshake(edge.port(), TestEdge.HOST, "http/1.1", version);
        String request = requestLine + "\r\nHost: " + TestEdge.HOST + "\r\nConnection: close\r\n\r\n";
        client.raw(request.getBytes(StandardCharsets.US_ASCII));
        assertThat(client.octets(15)).isEqualTo("HTTP/1.1 200 OK");
        begun.countDown();
        return client;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/all", "/part"})
    void contentThatLastsAsLongAsItsConnectionEndsInOrderOnlyWhenItIsWhole(String target) throws IOException {
        try (RawHttp2Client client = begin("GET " + target + " HTTP/1.0")) {
            if (target.equals("/all")) {
                assertThat(client.rest()).endsWith("\r\n\r\nab");
            } else {
                assertThatThrownBy(client::rest).isInstanceOf(IOException.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/all", "/part"})
    void chunkedContentHasItsLastChunkOnlyWhenItIsWhole(String target) throws IOException {
        try (RawHttp2Client client = begin("GET " + target + " HTTP/1.1")) {
            assertThat(client.rest()).endsWith("\r\n2\r\nab\r\n" + (target.equals("/all") ? LAST_CHUNK : ""));
        }
    }
}
