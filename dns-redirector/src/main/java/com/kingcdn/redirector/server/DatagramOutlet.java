package com.kingcdn.redirector.server;

import io.netty.channel.unix.Socket;
import java.io.IOException;

/**
 * A datagram socket that its thread reads and others send on. Once closed, its number may be another file's: nobody sends then, and only
 * the thread that reads closes. Thread-safe.
 */
final class DatagramOutlet {

    private final Socket socket;

    DatagramOutlet(Socket socket) {
        this.socket = socket;
    }

    /** For its own thread. */
    Socket socket() {
        return socket;
    }

    /** False when the socket is closed, or the kernel does not take the message. */
    synchronized boolean send(byte[] message, ReturnPath client) {
        return socket.isOpen() && client.send(socket.intValue(), message);
    }

    synchronized void close() throws IOException {
        socket.close();
    }
}
