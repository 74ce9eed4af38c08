package com.kingcdn.redirector.server;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;

/** The way Netty reaches the kernel: epoll with batches of datagrams where it can be had, else NIO. */
enum DnsTransport {
    EPOLL(EpollDatagramChannel.class, EpollServerSocketChannel.class) {
        @Override
        IoHandlerFactory ioHandlers() {
            return EpollIoHandler.newFactory();
        }
    },
    NIO(NioDatagramChannel.class, NioServerSocketChannel.class) {
        @Override
        IoHandlerFactory ioHandlers() {
            return NioIoHandler.newFactory();
        }
    };

    private final Class<? extends DatagramChannel> datagram;
    private final Class<? extends ServerChannel> server;

    DnsTransport(Class<? extends DatagramChannel> datagram, Class<? extends ServerChannel> server) {
        this.datagram = datagram;
        this.server = server;
    }

    static DnsTransport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    abstract IoHandlerFactory ioHandlers();

    Class<? extends DatagramChannel> datagram() {
        return datagram;
    }

    Class<? extends ServerChannel> server() {
        return server;
    }

    /** Whether several sockets can share one UDP port. */
    boolean sharesPorts() {
        return this == EPOLL;
    }
}
