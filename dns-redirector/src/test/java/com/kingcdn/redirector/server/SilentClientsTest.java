package com.kingcdn.redirector.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

class SilentClientsTest {

    private static DisposableServer server() {
        return new SilentClients(Duration.ofSeconds(1))
                .apply(HttpServer.create().host("127.0.0.1").port(0))
                // as a request without a token is: nobody reads what it sends
                .handle((request, response) -> request.uri().equals("/events")
                        ? response.sse().sendString(Flux.just("data:1\n\n").concatWith(Flux.never()))
                        : response.status(401).header("content-length", "0").send())
                .bindNow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET / HTTP/1.1\r\nHost: a\r\nA: ",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nA: "
            })
    void aClientThatDoesNotEndItsRequestLosesItsConnection(String begun) throws Exception {
        DisposableServer server = server();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.setSoTimeout(100);
            client.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
            await("though an octet comes now and then")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> isClosed(client, begun.isEmpty()));
        } finally {
            server.disposeNow();
        }
    }

    /** Reads what there is, for a moment, and sends an octet. */
    private static boolean isClosed(Socket client, boolean silent) {
        try {
            if (!silent) {
                client.getOutputStream().write('a');
            }
            int octet = client.getInputStream().read();
            while (octet >= 0) {
                octet = client.getInputStream().read();
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void whoWaitsForAResponseKeepsItsConnection() throws Exception {
        DisposableServer server = server();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.setSoTimeout(3000);
            client.getOutputStream()
                    .write("GET /events HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThatThrownBy(() -> client.getInputStream().readAllBytes())
                    .as("neither an end nor more")
                    .isInstanceOf(SocketTimeoutException.class);
        } finally {
            server.disposeNow();
        }
    }

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
