package com.kingcdn.redirector.server;

import java.net.InetSocketAddress;

/** The sockets that answer DNS over UDP at one address. */
interface UdpListener extends AutoCloseable {

    InetSocketAddress address();

    @Override
    void close();
}
