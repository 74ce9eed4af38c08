package com.kingcdn.edge.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class SendBufferTest {

    /** A handshake over loopback takes microseconds, unless the machine has other work in the middle of it. */
    @ParameterizedTest
    @EnumSource(
            value = TransportKind.class,
            names = {"IO_URING", "EPOLL"})
    void isBoundedForAClientOnThisMachine(TransportKind kind) {
        await("a handshake that nothing held up")
                .atMost(Duration.ofSeconds(20))
                .until(() -> accepted(kind) == 2 * SendBuffer.NEAR_OCTETS);
    }

    /** Java tells no round trip: the kernel's own way is kept. */
    @Test
    void isTheKernelsWhereTheRoundTripIsUnknown() throws Exception {
        assertThat(accepted(TransportKind.NIO)).isNotEqualTo(2 * SendBuffer.NEAR_OCTETS);
    }

    @Test
    void aClientIsNearByItsRoundTrip() {
        assertThat(SendBuffer.isNear(0)).as("unknown").isFalse();
        assertThat(SendBuffer.isNear(1)).isTrue();
        assertThat(SendBuffer.isNear(SendBuffer.NEAR_MICROS)).isTrue();
        assertThat(SendBuffer.isNear(SendBuffer.NEAR_MICROS + 1)).isFalse();
    }

    /** The send buffer of a connection from here, in octets as the kernel counts them. */
    private static int accepted(TransportKind kind) throws Exception {
        CompletableFuture<Integer> size = new CompletableFuture<>();
        try (Transport transport = Transport.open("send-buffer", 1, kind)) {
            assertThat(transport.kind()).isEqualTo(kind);
            Channel listening = new ServerBootstrap()
                    .group(transport.group())
                    .channel(transport.listening())
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            SendBuffer.fit(channel);
                            size.complete(channel.config().getOption(ChannelOption.SO_SNDBUF));
                        }
                    })
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .sync()
                    .channel();
            try (Socket client = new Socket()) {
                client.connect((InetSocketAddress) listening.localAddress(), 10_000);
                return size.get(10, TimeUnit.SECONDS);
            } finally {
                listening.close().sync();
            }
        }
    }
}
