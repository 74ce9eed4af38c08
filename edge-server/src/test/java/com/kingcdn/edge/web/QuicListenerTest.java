package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.transport.TransportKind;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The socket below QUIC, at its end. */
@Timeout(60)
class QuicListenerTest {

    private static final int CONNECTIONS = 50;

    /** RFC 9000 section 10.2: all connections end at the same time, each with a flush of its own, and then the socket does. */
    @ParameterizedTest
    @EnumSource(TransportKind.class)
    void theLastWordOfEachConnectionLeavesBeforeTheSocketCloses(TransportKind kind) throws Exception {
        assertThat(kind.isAvailable()).isTrue();
        try (Transport transport = Transport.open("test-quic", 1, kind);
                DatagramSocket client = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Channel socket = new Bootstrap()
                    .group(transport.group())
                    .channel(transport.datagram())
                    .handler(new ChannelInboundHandlerAdapter())
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .syncUninterruptibly()
                    .channel();
            InetSocketAddress to = (InetSocketAddress) client.getLocalSocketAddress();
            socket.eventLoop().execute(() -> {
                for (int i = 0; i < CONNECTIONS; i++) {
                    socket.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(new byte[] {(byte) i}), to));
                }
                QuicListener.closeOnceSent(socket, System.nanoTime() + TimeUnit.SECONDS.toNanos(20));
            });
            client.setSoTimeout(10_000);
            for (int i = 0; i < CONNECTIONS; i++) {
                java.net.DatagramPacket received = new java.net.DatagramPacket(new byte[10], 10);
                client.receive(received);
                assertThat(received.getData()[0]).isEqualTo((byte) i);
            }
            assertThat(socket.closeFuture().awaitUninterruptibly(20, TimeUnit.SECONDS))
                    .isTrue();
        }
    }
}
