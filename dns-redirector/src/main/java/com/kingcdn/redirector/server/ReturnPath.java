package com.kingcdn.redirector.server;

import io.netty.channel.unix.Buffer;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where a datagram came from and which of our addresses it was sent to, as the kernel has them: what an answer that is made later is sent
 * with.
 */
final class ReturnPath {

    private final byte[] name;
    private final byte[] control;

    /**
     * @param name the sender's {@code struct sockaddr}
     * @param control the message that says from which address to send; empty where the socket has only one
     */
    ReturnPath(byte[] name, byte[] control) {
        this.name = name;
        this.control = control;
    }

    /** False when the kernel does not take the message. */
    boolean send(int socket, byte[] message) {
        int piece = DatagramBatch.HEADER;
        int names = piece + DatagramBatch.PIECE;
        int controls = names + DatagramBatch.NAME;
        int data = controls + DatagramBatch.CONTROL;
        ByteBuffer memory = ByteBuffer.allocateDirect(data + message.length).order(ByteOrder.nativeOrder());
        long address = Buffer.memoryAddress(memory);
        memory.putLong(0, address + names);
        memory.putInt(DatagramBatch.NAME_LENGTH, name.length);
        memory.putLong(DatagramBatch.PIECES, address + piece);
        memory.putLong(DatagramBatch.PIECE_COUNT, 1);
        memory.putLong(DatagramBatch.CONTROLS, control.length == 0 ? 0 : address + controls);
        memory.putLong(DatagramBatch.CONTROL_LENGTH, control.length);
        memory.putLong(piece, address + data);
        memory.putLong(piece + 8, message.length);
        memory.put(names, name);
        memory.put(controls, control);
        memory.put(data, message);
        try {
            return MessageCalls.send(socket, address, 1, MessageCalls.DO_NOT_WAIT) == 1;
        } finally {
            // only now it may be given back
            Reference.reachabilityFence(memory);
        }
    }
}
