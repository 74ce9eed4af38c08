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
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.util.List;

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

    /** IP_PMTUDISC_OMIT of Linux: never Don't Fragment, and nothing that ICMP says of the path is believed. */
    static final Integer PATH_MTU_OMITTED = 5;

    private static final int IPPROTO_IP = 0;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_MTU_DISCOVER = 23;

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

    /**
     * The socket options of how datagrams learn the path's MTU. Ours fit all paths, unless somebody forges a message that one is
     * narrower: that would make the kernel fragment them (RFC 9715 section 3.1).
     *
     * @param ipv6 whether the socket is one of IPv6, which IPv4 comes by too
     */
    static List<IntegerUnixChannelOption> ignorePathMtu(boolean ipv6) {
        IntegerUnixChannelOption ipv4 = new IntegerUnixChannelOption("IP_MTU_DISCOVER", IPPROTO_IP, IP_MTU_DISCOVER);
        return ipv6
                ? List.of(ipv4, new IntegerUnixChannelOption("IPV6_MTU_DISCOVER", IPPROTO_IPV6, IPV6_MTU_DISCOVER))
                : List.of(ipv4);
    }
}
