package com.kingcdn.redirector.server;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * A datagram socket that its thread reads and others send on. Once closed, its number may be another file's: nobody sends then, and only
 * the thread that reads closes. Thread-safe.
 */
final class DatagramOutlet {

    private final Socket socket;
    private final SocketFilter filter;

    DatagramOutlet(Socket socket) {
        this.socket = socket;
        this.filter = new SocketFilter(socket);
    }

    /** For its own thread. */
    Socket socket() {
        return socket;
    }

    /** False when the socket is closed, or the kernel does not take the message. */
    synchronized boolean send(byte[] message, ReturnPath client) {
        return socket.isOpen() && client.send(socket.intValue(), message);
    }

    /** Does something with the socket's filter, unless it is closed. */
    synchronized void filter(Consumer<SocketFilter> task) {
        if (socket.isOpen()) {
            task.accept(filter);
        }
    }

    synchronized void close() throws IOException {
        socket.close();
    }
}
