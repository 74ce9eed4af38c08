package com.kingcdn.edge.web;

import com.kingcdn.edge.transport.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listening socket, and the connections that have come over it. */
final class Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private static final int BACKLOG = 4096;

    /** For what is told to close to have closed, which takes a moment only; an event loop that hangs is not waited for. */
    static final long CLOSING_MILLIS = 2000;

    private final Channel socket;
    private final ChannelGroup connections;
    private final AtomicBoolean draining;

    private Listener(Channel socket, ChannelGroup connections, AtomicBoolean draining) {
        this.socket = socket;
        this.connections = connections;
        this.draining = draining;
    }

    /**
     * Listens.
     *
     * @param prepare lays the pipeline of a new connection; false when it was closed instead
     * @throws BindException when the address is taken or not of this machine
     */
    static Listener open(Transport transport, InetSocketAddress address, Predicate<Channel> prepare)
            throws BindException {
        ChannelGroup connections = new DefaultChannelGroup("content", GlobalEventExecutor.INSTANCE, true);
        AtomicBoolean draining = new AtomicBoolean();
        ChannelFuture bound = new ServerBootstrap()
                .group(transport.group())
                .channel(transport.listening())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (prepare.test(channel)) {
                            connections.add(channel);
                            if (draining.get()) {
                                // accepted before the socket closed, and not among those that were told
                                channel.pipeline().fireUserEventTriggered(ConnectionEnd.STOP);
                            }
                        }
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            BindException failure = new BindException("cannot listen for content on " + address + ": " + bound.cause());
            failure.initCause(bound.cause());
            throw failure;
        }
        bound.channel().pipeline().addLast(new AcceptFailures());
        return new Listener(bound.channel(), connections, draining);
    }

    /** Says that a connection could not be accepted. By then Netty has seen to it that none is for a second. */
    private static final class AcceptFailures extends ChannelInboundHandlerAdapter {

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            EdgeMetrics.ACCEPT_FAILURES.inc();
            LOG.warn(
                    "no connection can be accepted on {}, next try in a second: {} (of files there may be more by ulimit -n)",
                    context.channel().localAddress(),
                    String.valueOf(cause.getMessage()));
        }
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.localAddress();
    }

    /** The connections that are open now. */
    Stream<Channel> connections() {
        return connections.stream();
    }

    /** Tells the connections that are open now that the server will stop soon. */
    void announceStop() {
        tell(ConnectionEnd.SOON);
    }

    /** Accepts no more, and lets what is under way end in its own time. */
    void drain() {
        draining.set(true);
        socket.close().awaitUninterruptibly(CLOSING_MILLIS);
        tell(ConnectionEnd.STOP);
    }

    private void tell(Object event) {
        for (Channel connection : connections) {
            connection.pipeline().fireUserEventTriggered(event);
        }
    }

    /** Waits until all connections have ended, but until then at most, when it ends them. */
    void stop(long untilNanoTime) {
        await(connections, untilNanoTime);
    }

    static void await(ChannelGroup connections, long untilNanoTime) {
        long patience = Math.max(0, untilNanoTime - System.nanoTime());
        if (!connections.newCloseFuture().awaitUninterruptibly(patience, TimeUnit.NANOSECONDS)
                && !connections.close().awaitUninterruptibly(CLOSING_MILLIS)) {
            LOG.warn("{} connections have not closed in time, and are left behind", connections.size());
        }
    }
}
