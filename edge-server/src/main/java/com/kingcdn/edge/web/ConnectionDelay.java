package com.kingcdn.edge.web;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.InetAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import java.util.function.ObjDoubleConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernel's knowledge of a connection's delay (TCP_INFO): one system call, on the connection's own thread. */
final class ConnectionDelay {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionDelay.class);

    private static final double MICROS_PER_MILLI = 1000;

    private ConnectionDelay() {}

    /** Hands over the client's address and the smoothed round-trip time in milliseconds, soon, if they can be had. */
    static void read(Channel connection, ObjDoubleConsumer<InetAddress> consumer) {
        if (connection instanceof EpollSocketChannel socket) {
            soon(socket, () -> socket.tcpInfo().rtt(), consumer);
        } else if (connection instanceof IoUringSocketChannel socket) {
            soon(socket, () -> socket.tcpInfo().rtt(), consumer);
        }
    }

    private static void soon(SocketChannel socket, LongSupplier micros, ObjDoubleConsumer<InetAddress> consumer) {
        try {
            socket.eventLoop().execute(() -> ask(socket, micros, consumer));
        } catch (RejectedExecutionException e) {
            LOG.debug("no delay read: the server has stopped");
        }
    }

    private static void ask(SocketChannel socket, LongSupplier micros, ObjDoubleConsumer<InetAddress> consumer) {
        if (!socket.isActive()) {
            return;
        }
        try {
            double millis = micros.getAsLong() / MICROS_PER_MILLI;
            consumer.accept(socket.remoteAddress().getAddress(), millis);
        } catch (RuntimeException e) {
            // closed meanwhile
            LOG.debug("no delay read", e);
        }
    }
}
