package com.kingcdn.edge.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
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

    /** An acknowledgement over loopback takes microseconds, unless the machine has other work in the middle of it. */
    @ParameterizedTest
    @EnumSource(
            value = TransportKind.class,
            names = {"IO_URING", "EPOLL"})
    void isBoundedForAClientOnThisMachine(TransportKind kind) {
        await("an acknowledgement that nothing held up")
                .atMost(Duration.ofSeconds(20))
                .until(() -> fitted(kind, true) == 2 * SendBuffer.NEAR_OCTETS);
    }

    /** Whoever has answered the handshake need not be the client. */
    @ParameterizedTest
    @EnumSource(
            value = TransportKind.class,
            names = {"IO_URING", "EPOLL"})
    void isTheKernelsUntilTheClientHasAcknowledgedSomething(TransportKind kind) throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(fitted(kind, false)).isNotEqualTo(2 * SendBuffer.NEAR_OCTETS);
        }
    }

    /** Java tells no round trip: the kernel's own way is kept. */
    @Test
    void isTheKernelsWhereTheRoundTripIsUnknown() throws Exception {
        assertThat(fitted(TransportKind.NIO, true)).isNotEqualTo(2 * SendBuffer.NEAR_OCTETS);
    }

    @Test
    void aClientIsNearByItsRoundTrip() {
        assertThat(SendBuffer.isNear(0)).as("unknown").isFalse();
        assertThat(SendBuffer.isNear(1)).isTrue();
        assertThat(SendBuffer.isNear(SendBuffer.NEAR_MICROS)).isTrue();
        assertThat(SendBuffer.isNear(SendBuffer.NEAR_MICROS + 1)).isFalse();
    }

    @Test
    void aClientIsOnThisMachineByItsAddress() {
        assertThat(SendBuffer.isLocal(at("127.0.0.1"), at("127.0.0.9"))).isTrue();
        assertThat(SendBuffer.isLocal(at("192.0.2.1"), at("192.0.2.1"))).isTrue();
        assertThat(SendBuffer.isLocal(at("192.0.2.1"), at("192.0.2.2"))).isFalse();
        assertThat(SendBuffer.isLocal(null, null)).isFalse();
    }

    private static InetSocketAddress at(String address) {
        return new InetSocketAddress(address, 80);
    }

    /**
     * The send buffer of a connection from here, in octets as the kernel counts them.
     *
     * @param acknowledged whether the client has acknowledged something when it is fitted
     */
    private static int fitted(TransportKind kind, boolean acknowledged) throws Exception {
        CompletableFuture<Integer> size = new CompletableFuture<>();
        try (Transport transport = Transport.open("send-buffer", 1, kind)) {
            assertThat(transport.kind()).isEqualTo(kind);
            Channel listening = new ServerBootstrap()
                    .group(transport.group())
                    .channel(transport.listening())
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            SendBuffer buffer = SendBuffer.ofRemote(channel);
                            if (acknowledged) {
                                channel.pipeline().addLast(new Asking(buffer, size));
                            } else {
                                fit(buffer, channel, size);
                            }
                        }
                    })
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .sync()
                    .channel();
            try (Socket client = new Socket()) {
                client.connect((InetSocketAddress) listening.localAddress(), 10_000);
                if (acknowledged) {
                    client.getOutputStream().write(client.getInputStream().read());
                }
                return size.get(10, TimeUnit.SECONDS);
            } finally {
                listening.close().sync();
            }
        }
    }

    private static void fit(SendBuffer buffer, Channel channel, CompletableFuture<Integer> size) {
        buffer.fit();
        size.complete(channel.config().getOption(ChannelOption.SO_SNDBUF));
    }

    /** Sends an octet, and fits the send buffer once that has been answered. */
    private static final class Asking extends ChannelInboundHandlerAdapter {

        private final SendBuffer buffer;
        private final CompletableFuture<Integer> size;

        Asking(SendBuffer buffer, CompletableFuture<Integer> size) {
            this.buffer = buffer;
            this.size = size;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}));
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
            fit(buffer, context.channel(), size);
        }
    }
}
