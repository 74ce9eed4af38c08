package com.kingcdn.edge.transport;

import io.netty.channel.IoHandlerFactory;
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
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.Locale;

/** A way to reach the kernel, the quickest first; each is followed by what takes its place where a machine does not have it (ADR 27). */
public enum TransportKind {
    /** What many connections ask for goes to the kernel in one system call: Linux 5.19 or so, where nobody has forbidden it. */
    IO_URING(IoUringServerSocketChannel.class, IoUringSocketChannel.class, IoUringDatagramChannel.class),
    /** Linux's readiness events, and a system call for each read and write. */
    EPOLL(EpollServerSocketChannel.class, EpollSocketChannel.class, EpollDatagramChannel.class),
    /** What Java has everywhere. */
    NIO(NioServerSocketChannel.class, NioSocketChannel.class, NioDatagramChannel.class);

    /** Whether one accept takes all connections to come. */
    private static final String ACCEPT_ALL = "io.netty.iouring.acceptMultiShotEnabled";

    static {
        // Netty arms such an accept again whatever has become of it, though nobody reads: without a file to be had, it
        // fails for ever.
        // One at a time also brings the client's address along, which else is asked for by a system call
        if (System.getProperty(ACCEPT_ALL) == null) {
            System.setProperty(ACCEPT_ALL, "false");
        }
    }

    private final Class<? extends ServerSocketChannel> listening;
    private final Class<? extends SocketChannel> connecting;
    private final Class<? extends DatagramChannel> datagram;

    TransportKind(
            Class<? extends ServerSocketChannel> listening,
            Class<? extends SocketChannel> connecting,
            Class<? extends DatagramChannel> datagram) {
        this.listening = listening;
        this.connecting = connecting;
        this.datagram = datagram;
    }

    /** Whether this machine and this process may use it. */
    public boolean isAvailable() {
        return switch (this) {
            case IO_URING -> IoUring.isAvailable();
            case EPOLL -> Epoll.isAvailable();
            case NIO -> true;
        };
    }

    /** This, or the next that is available. */
    TransportKind orNext() {
        return isAvailable() ? this : next().orNext();
    }

    /** What takes its place: the next that is available; itself when it is the last. */
    TransportKind next() {
        return switch (this) {
            case IO_URING -> EPOLL.orNext();
            case EPOLL, NIO -> NIO;
        };
    }

    IoHandlerFactory handlers() {
        return switch (this) {
            case IO_URING -> IoUringIoHandler.newFactory();
            case EPOLL -> EpollIoHandler.newFactory();
            case NIO -> NioIoHandler.newFactory();
        };
    }

    Class<? extends ServerSocketChannel> listening() {
        return listening;
    }

    Class<? extends SocketChannel> connecting() {
        return connecting;
    }

    Class<? extends DatagramChannel> datagram() {
        return datagram;
    }

    /** As logs, metrics and settings have it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
