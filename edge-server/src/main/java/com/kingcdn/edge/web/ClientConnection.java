package com.kingcdn.edge.web;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A client's connection, of whatever version of HTTP: what is the same for all of its streams. */
interface ClientConnection {

    Channel channel();

    Protocol protocol();

    /** What it was opened for; null in the clear. */
    @Nullable
    TlsConnection tls();

    /** The client's address, or null when the channel has none. */
    default @Nullable InetAddress client() {
        return channel().remoteAddress() instanceof InetSocketAddress address ? address.getAddress() : null;
    }

    /** The event loop that everything of it happens on. */
    default EventExecutor loop() {
        return channel().eventLoop();
    }
}
