package com.kingcdn.edge.transport;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import reactor.netty.resources.LoopResources;

/**
 * One set of event loops for both sides of the cache, so that most misses never change their thread, with the channels that run on them:
 * epoll where it can be had, else NIO.
 */
public final class Transport implements AutoCloseable {

    private final boolean epoll = Epoll.isAvailable();
    private final EventLoopGroup group;

    /**
     * Threads that end with the process.
     *
     * @param name begins the threads' names
     * @param threads how many event loops, one at least
     */
    public Transport(String name, int threads) {
        IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.group =
                new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name + "-" + kind(), true), handlers);
    }

    /** Its event loops. */
    public EventLoopGroup group() {
        return group;
    }

    /** How the kernel is reached: epoll or nio. */
    public String kind() {
        return epoll ? "epoll" : "nio";
    }

    /** What listens for connections. */
    public Class<? extends ServerSocketChannel> listening() {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    /** What makes connections. */
    public Class<? extends SocketChannel> connecting() {
        return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /** What sends and receives datagrams. */
    public Class<? extends DatagramChannel> datagram() {
        return epoll ? EpollDatagramChannel.class : NioDatagramChannel.class;
    }

    /** The same event loops for Reactor Netty. */
    public LoopResources loops() {
        return preferNative -> group;
    }

    /** Ends the threads, once what they have begun is done, within seconds. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    }
}
