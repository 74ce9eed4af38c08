package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.edge.transport.TransportKind;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ConnectionDelayTest {

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL"})
    void theKernelKnowsTheDelayOfAClientsConnection(TransportKind kind) throws Exception {
        assertThat(kind.isAvailable()).as("without it nothing is measured").isTrue();
        Map<InetAddress, Double> delays = new ConcurrentHashMap<>();
        try (TestEdge edge = new TestEdge(kind, (head, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.ISO_8859_1));
            return true;
        })) {
            edge.server().sampleDelays(10, delays::put);
            assertThat(delays).as("nobody is connected").isEmpty();
            try (RawClient client = edge.connect()) {
                assertThat(client.send(RawClient.get("/a")).response().status()).isEqualTo(200);
                edge.server().sampleDelays(10, delays::put);
                await().until(() -> !delays.isEmpty());
            }
        }
        assertThat(delays).containsOnlyKeys(InetAddress.getLoopbackAddress());
        assertThat(delays.get(InetAddress.getLoopbackAddress()))
                .as("milliseconds on loopback")
                .isBetween(0.001, 500.0);
    }

    @Test
    void whatIsNoTcpConnectionOfEpollTellsNothing() {
        Map<InetAddress, Double> delays = new ConcurrentHashMap<>();
        EmbeddedChannel channel = new EmbeddedChannel();
        ConnectionDelay.read(channel, delays::put);
        channel.runPendingTasks();
        assertThat(delays).isEmpty();
        channel.finishAndReleaseAll();
    }
}
