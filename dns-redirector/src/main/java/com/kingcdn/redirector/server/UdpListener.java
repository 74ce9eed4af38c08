package com.kingcdn.redirector.server;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sockets that answer DNS over UDP at one address. */
interface UdpListener extends AutoCloseable {

    InetSocketAddress address();

    /** Whether the kernel has filters for these sockets. */
    boolean hasFilters();

    /**
     * Does something with the filter of each socket, soon, while that is open and nobody else does; with none where the kernel has no
     * filters.
     */
    void eachFilter(Consumer<SocketFilter> task);

    /** Answers what the kernel has taken in for the sockets so far, and closes them. */
    @Override
    void close();

    /**
     * Has the kernel tell whoever asks from now on that the port is closed, while what it has queued before can still be answered. That is
     * what being connected means to a datagram socket: here to itself, from where nothing comes. Not with a wildcard address, since the
     * connection would settle which one answers leave from.
     */
    static void refuseMore(Socket socket) {
        Logger log = LoggerFactory.getLogger(UdpListener.class);
        try {
            InetSocketAddress own = socket.localAddress();
            if (own != null && !own.getAddress().isAnyLocalAddress()) {
                socket.connect(own);
            }
        } catch (IOException e) {
            log.debug("queries that come while the socket closes are lost", e);
        }
    }
}
