package com.kingcdn.redirector.server;

import com.kingcdn.redirector.transfer.ZoneRequests;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** The way back of an answer to a datagram that is made on another thread than the socket's own. */
record LaterDatagram(Socket socket, InetSocketAddress client) implements ZoneRequests.Answer {

    @Override
    public boolean isDatagram() {
        return true;
    }

    @Override
    public boolean send(byte[] message) {
        ByteBuffer octets =
                ByteBuffer.allocateDirect(message.length).put(message).flip();
        try {
            return socket.isOpen()
                    && socket.sendTo(octets, 0, message.length, client.getAddress(), client.getPort())
                            == message.length;
        } catch (IOException unreachable) {
            return false;
        }
    }
}
