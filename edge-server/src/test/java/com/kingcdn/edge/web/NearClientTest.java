package com.kingcdn.edge.web;

import static com.kingcdn.edge.web.RawClient.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.transport.TransportKind;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** From when on the send buffer of a client on the same machine is bounded (ADR 29), over the kinds of transport that can tell. */
@Timeout(60)
@ParameterizedClass
@EnumSource(
        value = TransportKind.class,
        names = {"IO_URING", "EPOLL"})
class NearClientTest {

    /** 128 KiB, as the kernel counts them. */
    private static final int BOUNDED = 2 * 128 * 1024;

    private static final int IN_PIECES = 2_000_000;
    private static final int IN_ONE_PIECE = 100_000;

    private final TransportKind transport;
    private TestEdge edge;

    NearClientTest(TransportKind transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() throws IOException {
        edge = new TestEdge(transport, NearClientTest::answer);
    }

    @AfterEach
    void stop() {
        edge.close();
    }

    private static boolean answer(String head, InputStream in, OutputStream out) throws IOException {
        int size = head.startsWith("GET /large ") ? IN_PIECES : head.startsWith("GET /middle ") ? IN_ONE_PIECE : 2;
        String body = "x".repeat(size);
        out.write(
                ("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                        .getBytes(StandardCharsets.US_ASCII));
        return true;
    }

    /** The send buffers of the clients that are connected. */
    private List<Integer> sendBuffers() {
        return edge.server()
                .connections()
                .filter(Channel::isActive)
                .map(connection -> connection.config().getOption(ChannelOption.SO_SNDBUF))
                .toList();
    }

    private List<Integer> sendBuffersAfter(String... requests) throws IOException {
        await().until(() -> edge.server().openConnections() == 0);
        try (RawClient client = edge.connect()) {
            for (String request : requests) {
                client.send(request);
                for (int due = request.split("GET ", -1).length - 1; due > 0; due--) {
                    assertThat(client.response().status()).isEqualTo(200);
                }
            }
            return sendBuffers();
        }
    }

    @Test
    void isBoundedWhenAResponseIsLarge() throws IOException {
        assertThat(sendBuffersAfter(get("/middle"))).as("a miss").containsExactly(BOUNDED);
        assertThat(sendBuffersAfter(get("/middle"))).as("a hit in one piece").containsExactly(BOUNDED);
        assertThat(sendBuffersAfter(get("/large"))).containsExactly(BOUNDED);
        assertThat(sendBuffersAfter(get("/small"), get("/large"))).containsExactly(BOUNDED);
    }

    /** Whose responses are small fills no buffer. */
    @Test
    void isTheKernelsForSmallResponses() throws IOException {
        sendBuffersAfter(get("/small"));
        assertThat(sendBuffersAfter(get("/small"), get("/small"))).hasSize(1).doesNotContain(BOUNDED);
    }
}
