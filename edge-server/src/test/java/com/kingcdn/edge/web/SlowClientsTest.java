package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.upstream.RawOrigin;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many clients that take one object slowly: they share one copy of it. */
@Timeout(60)
class SlowClientsTest {

    private static final int CLIENTS = 90;
    private static final long BLOCK = 256 * 1024;

    private RawOrigin origin;
    private TestEdge edge;

    @BeforeEach
    void start() throws IOException {
        origin = new RawOrigin((head, in, out) -> {
            int length = Integer.parseInt(head.split(" ", 3)[1].substring(1));
            out.write(("HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nETag: \"a\"\r\nContent-Length: " + length
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            out.write(new byte[length]);
            return true;
        });
        edge = new TestEdge(origin.endpoint());
    }

    @AfterEach
    void stop() {
        edge.close();
        origin.close();
    }

    /** In one piece from memory, and piece by piece. */
    @ParameterizedTest
    @ValueSource(ints = {1 << 20, 8 << 20})
    void memoryDoesNotGrowWithTheirNumber(int length) throws IOException {
        String request = "GET /" + length + " HTTP/1.1\r\nHost: " + TestEdge.HOST + "\r\n\r\n";
        try (RawClient first = edge.connect()) {
            assertThat(first.send(request).response().body()).hasSize(length);
        }
        double blocks = blocks();
        long buffers = buffers();
        List<Socket> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                Socket client = new Socket();
                client.setReceiveBufferSize(8 * 1024);
                client.setSoTimeout(20_000);
                client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), edge.port()));
                clients.add(client);
                client.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                assertThat(client.getInputStream().read()).isEqualTo('H');
            }
            assertThat(blocks() - blocks).as("octets of blocks").isLessThanOrEqualTo(BLOCK);
            assertThat(buffers() - buffers)
                    .as("octets of other buffers, for %s clients", CLIENTS)
                    .isLessThan(CLIENTS * BLOCK / 2);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static double blocks() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_edge_memory_bytes");
    }

    private static long buffers() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }
}
