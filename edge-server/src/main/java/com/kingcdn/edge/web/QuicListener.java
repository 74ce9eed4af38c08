package com.kingcdn.edge.web;

import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.transport.TransportKind;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicCodecDispatcher;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The sockets that QUIC comes over, all of one port, and the connections that have come over them.
 *
 * <p>On Linux each event loop has a socket of its own, and the kernel keeps a client's datagrams with one. The identifiers we give to
 * connections name their loop, so a datagram that arrives at another one, since its client's address has changed, is handed over.
 */
final class QuicListener {

    /** More than any datagram that we say we take; longer ones are cut by the kernel, and then cannot be read. */
    private static final int LARGEST_DATAGRAM = 2048;

    private static final int DATAGRAMS_AT_ONCE = 16;
    private static final int RECEIVE_BUFFER = 1024 * 1024;

    private final ChannelGroup connections = new DefaultChannelGroup("quic", GlobalEventExecutor.INSTANCE, true);
    private final List<Channel> sockets = new ArrayList<>();
    private final DatagramFilter filter = new DatagramFilter();
    private final Http3Path path;
    private final Predicate<Channel> admit;
    private volatile boolean draining;

    private QuicListener(Http3Path path, Predicate<Channel> admit) {
        this.path = path;
        this.admit = admit;
    }

    /**
     * Listens.
     *
     * @param admit told of each new connection; false when it was closed instead
     * @throws BindException when the address is taken or not of this machine
     */
    static QuicListener open(Transport transport, InetSocketAddress address, Http3Path path, Predicate<Channel> admit)
            throws BindException {
        QuicListener listener = new QuicListener(path, admit);
        QuicCodecDispatcher dispatcher = listener.new Dispatcher();
        boolean shared = transport.kind() != TransportKind.NIO;
        for (EventExecutor loop : transport.group()) {
            listener.bind(transport, (EventLoop) loop, address, dispatcher);
            if (!shared) {
                break;
            }
        }
        return listener;
    }

    private void bind(Transport transport, EventLoop loop, InetSocketAddress address, QuicCodecDispatcher dispatcher)
            throws BindException {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(transport.datagram())
                .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(LARGEST_DATAGRAM))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel socket) {
                        socket.pipeline().addLast(filter, dispatcher, UnheardFailures.INSTANCE);
                    }
                });
        if (transport.kind() != TransportKind.NIO) {
            bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
        }
        if (transport.kind() == TransportKind.EPOLL) {
            bootstrap
                    .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, LARGEST_DATAGRAM)
                    .option(
                            ChannelOption.RECVBUF_ALLOCATOR,
                            new FixedRecvByteBufAllocator(LARGEST_DATAGRAM * DATAGRAMS_AT_ONCE));
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close();
            BindException failure = new BindException("cannot listen for HTTP/3 on " + address + ": " + bound.cause());
            failure.initCause(bound.cause());
            throw failure;
        }
        sockets.add(bound.channel());
    }

    /** Makes connections of datagrams, on each socket's own event loop. */
    private final class Dispatcher extends QuicCodecDispatcher {

        @Override
        protected void initChannel(Channel socket, int idLength, QuicConnectionIdGenerator ids) {
            socket.pipeline().addLast(path.codec(idLength, ids, QuicListener.this::admit));
        }
    }

    private boolean admit(QuicChannel connection) {
        if (draining) {
            connection.close();
            return false;
        }
        boolean admitted = admit.test(connection);
        if (admitted) {
            connections.add(connection);
            if (draining) {
                // it came while the others were told
                connection.close();
                return false;
            }
        }
        return admitted;
    }

    /** Tells the connections that are open now that the server will stop soon. */
    void announceStop() {
        tell(ConnectionEnd.SOON);
    }

    /** Takes no more connections, and lets what is under way end in its own time. */
    void drain() {
        draining = true;
        tell(ConnectionEnd.STOP);
    }

    private void tell(Object event) {
        for (Channel connection : connections) {
            connection.pipeline().fireUserEventTriggered(event);
        }
    }

    /** Waits until all connections have ended, but until then at most, and stops. */
    void stop(long untilNanoTime) {
        Listener.await(connections, untilNanoTime);
        close();
    }

    private void close() {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Listener.CLOSING_MILLIS);
        sockets.forEach(socket -> closeOnceSent(socket, until));
        sockets.forEach(socket -> socket.closeFuture()
                .awaitUninterruptibly(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS));
    }

    /**
     * Closes a socket when what was written has left, or it is too late: the last word of a connection (RFC 9000 section 10.2) may wait
     * behind that of another one, and with io_uring a close takes back what is under way.
     */
    static void closeOnceSent(Channel socket, long untilNanoTime) {
        if (!socket.eventLoop().inEventLoop()) {
            socket.eventLoop().execute(() -> closeOnceSent(socket, untilNanoTime));
            return;
        }
        socket.flush();
        ChannelOutboundBuffer waiting = socket.unsafe().outboundBuffer();
        if (waiting == null || waiting.isEmpty() || System.nanoTime() - untilNanoTime > 0) {
            socket.close();
        } else {
            socket.eventLoop().schedule(() -> closeOnceSent(socket, untilNanoTime), 1, TimeUnit.MILLISECONDS);
        }
    }
}
