package com.kingcdn.redirector.server;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

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
    synchronized boolean send(byte[] message, InetSocketAddress client) {
        if (!socket.isOpen()) {
            return false;
        }
        ByteBuffer octets =
                ByteBuffer.allocateDirect(message.length).put(message).flip();
        try {
            return socket.sendTo(octets, 0, message.length, client.getAddress(), client.getPort()) == message.length;
        } catch (IOException unreachable) {
            return false;
        }
    }

    synchronized void close() throws IOException {
        socket.close();
    }
}
