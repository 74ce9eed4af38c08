package com.kingcdn.edge.probe;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Probes by the begin of a TCP connection: SYN-ACK and RST tell the same. The connection is closed at once, and nothing is sent on it. */
final class TcpProbes {

    /** Less than the second after which the kernel sends a SYN again (RFC 6298): which of the two is answered then nobody can tell. */
    private static final int MOST_MILLIS = 900;

    private final EventLoop loop;
    private final Class<? extends SocketChannel> channel;
    private final int timeoutMillis;
    private final ProbeListener listener;

    TcpProbes(EventLoop loop, Class<? extends SocketChannel> channel, long timeoutMillis, ProbeListener listener) {
        this.loop = loop;
        this.channel = channel;
        this.timeoutMillis = (int) Math.min(MOST_MILLIS, timeoutMillis);
        this.listener = listener;
    }

    /** @param source null for the kernel's choice */
    void send(Probe probe, InetSocketAddress address, @Nullable InetSocketAddress source) {
        long sentNanos = System.nanoTime();
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(channel)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(address, source);
        connecting.addListener(connected -> {
            long nanos = System.nanoTime() - sentNanos;
            if (connected.isSuccess()) {
                connecting.channel().close();
            }
            if (loop.inEventLoop()) {
                tell(probe, connected, nanos);
            } else {
                // there is not even a channel, since no file is left to be had: a thread of Netty's says so
                loop.execute(() -> listener.unsent(probe));
            }
        });
    }

    private void tell(Probe probe, Future<?> connected, long nanos) {
        if (connected.isSuccess() || isRefusal(connected.cause())) {
            listener.answered(probe, nanos);
        } else {
            listener.lost(probe);
        }
    }

    /** Whether the target itself has answered that nobody listens there. */
    private static boolean isRefusal(@Nullable Throwable failure) {
        return failure instanceof ConnectException
                && !(failure instanceof ConnectTimeoutException)
                && Objects.toString(failure.getMessage()).contains("refused");
    }
}
