package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.epoll.Epoll;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

class SilentClientsTest {

    /** Its window is closed: to the server it is like one that is gone, and nothing of what is sent is acknowledged. */
    @Test
    void aClientThatTakesNothingLosesItsConnection() throws Exception {
        assertThat(Epoll.isAvailable()).isTrue();
        AtomicReference<@Nullable Channel> accepted = new AtomicReference<>();
        DisposableServer server = new SilentClients(Duration.ofSeconds(1))
                .apply(HttpServer.create().host("127.0.0.1").port(0))
                .doOnConnection(connection -> accepted.set(connection.channel()))
                .handle((request, response) ->
                        response.sse().sendByteArray(Flux.generate(sink -> sink.next(new byte[64 << 10]))))
                .bindNow();
        try (Socket client = new Socket()) {
            client.setReceiveBufferSize(4096);
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
            client.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            await().until(() -> accepted.get() != null);
            Channel connection = accepted.get();
            assertThat(connection).isNotNull();
            await("ended by the system, though nothing came from the client")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> !connection.isOpen());
        } finally {
            server.disposeNow();
        }
    }
}
