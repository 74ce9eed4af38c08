package com.kingcdn.redirector.server;

import io.netty.channel.unix.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The memory of one socket's batch of datagrams, as {@link MessageCalls} has them: for each place a {@code struct mmsghdr} with the
 * parts it points to, for what is received and for what is sent. Used by one thread.
 */
final class DatagramBatch {

    /* struct mmsghdr on 64 bits: name (pointer), its length (4, 4 unused), pieces (pointer), their number (8), control (pointer),
    its length (8), flags (4, 4 unused), then the length of the message (4, 4 unused) */
    static final int HEADER = 64;
    static final int NAME_LENGTH = 8;
    static final int PIECES = 16;
    static final int PIECE_COUNT = 24;
    static final int CONTROLS = 32;
    static final int CONTROL_LENGTH = 40;
    private static final int MESSAGE_LENGTH = 56;
    /* struct iovec: address, length */
    static final int PIECE = 16;
    /** Of a struct sockaddr_in6, rounded up; a sockaddr_in takes less. */
    static final int NAME = 32;

    /**
     * Of a struct cmsghdr (length, 8; level, 4; type, 4) and a struct in6_pktinfo (address, 16; interface, 4), rounded up; an in_pktinfo
     * (interface, 4; address to send from, 4; address sent to, 4) takes less.
     */
    static final int CONTROL = 64;

    private static final int CONTROL_LEVEL = 8;
    private static final int CONTROL_DATA = 16;
    private static final int IPPROTO_IP = 0;
    private static final int INTERFACE_OF_IPV6 = 16;

    private static final int NAME_MOST = 28;

    private final int places;
    private final int payload;
    private final ByteBuffer memory;
    private final long address;
    private final int sentHeaders;
    private final int pieces;
    private final int names;
    private final int controls;
    private final boolean hasControls;
    private final int received;
    private final int sent;
    private final byte[] ipv4 = new byte[4];
    private final byte[] ipv6 = new byte[16];
    private int toSend;

    /**
     * For so many datagrams at a time.
     *
     * @param payload the most octets of each
     * @param hasControls whether the kernel says to which address each was sent, so that its answer leaves from there
     */
    DatagramBatch(int places, int payload, boolean hasControls) {
        this.places = places;
        this.payload = payload;
        this.sentHeaders = places * HEADER;
        this.pieces = 2 * places * HEADER;
        this.names = pieces + 2 * places * PIECE;
        this.controls = names + places * NAME;
        this.hasControls = hasControls;
        this.received = controls + places * CONTROL;
        this.sent = received + places * payload;
        this.memory = ByteBuffer.allocateDirect(sent + places * payload).order(ByteOrder.nativeOrder());
        this.address = Buffer.memoryAddress(memory);
        for (int i = 0; i < places; i++) {
            header(i * HEADER, pieces + i * PIECE, received + i * payload);
            header(sentHeaders + i * HEADER, pieces + (places + i) * PIECE, sent + i * payload);
            memory.putLong(i * HEADER, address + names + (long) i * NAME);
            if (hasControls) {
                memory.putLong(i * HEADER + CONTROLS, address + controls + (long) i * CONTROL);
            }
        }
    }

    private void header(int header, int piece, int data) {
        memory.putLong(header + PIECES, address + piece);
        memory.putLong(header + PIECE_COUNT, 1);
        memory.putLong(piece, address + data);
        memory.putLong(piece + 8, payload);
    }

    /**
     * Takes the datagrams that are there.
     *
     * @param flags whether to wait for one
     * @return how many; 0 for none in time
     */
    int receive(int socket, int flags) {
        for (int i = 0; i < places; i++) {
            // the kernel says how long a name was in the same place
            memory.putInt(i * HEADER + NAME_LENGTH, NAME_MOST);
            memory.putLong(i * HEADER + CONTROL_LENGTH, hasControls ? CONTROL : 0);
        }
        toSend = 0;
        return Math.max(0, MessageCalls.receive(socket, address, places, flags));
    }

    /** Copies a received message. @return how many octets, at most the array's length */
    int message(int place, byte[] into) {
        int length = Math.min(into.length, memory.getInt(place * HEADER + MESSAGE_LENGTH));
        memory.get(received + place * payload, into, 0, length);
        return length;
    }

    /** Who sent a received message. */
    InetSocketAddress sender(int place) {
        int name = names + place * NAME;
        int port = Short.toUnsignedInt(Short.reverseBytes(memory.getShort(name + 2)));
        boolean isIpv4 = memory.getShort(name) == MessageCalls.IPV4;
        byte[] octets = isIpv4 ? ipv4 : ipv6;
        memory.get(name + (isIpv4 ? 4 : 8), octets);
        try {
            // an IPv4 address that is mapped into IPv6 comes out as what it is
            return new InetSocketAddress(InetAddress.getByAddress(octets), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 and 16 octets are an address", e);
        }
    }

    /** The way back to the sender of a received message, for later. */
    ReturnPath returnPath(int place) {
        byte[] name = new byte[memory.getInt(place * HEADER + NAME_LENGTH)];
        byte[] control = new byte[controlOf(place)];
        memory.get(names + place * NAME, name);
        memory.get(controls + place * CONTROL, control);
        return new ReturnPath(name, control);
    }

    /** Makes of what the kernel says where a message was sent to what it shall send an answer from. @return how long that is */
    private int controlOf(int place) {
        int length = hasControls ? (int) memory.getLong(place * HEADER + CONTROL_LENGTH) : 0;
        if (length > 0) {
            int control = controls + place * CONTROL;
            boolean isIpv4 = memory.getInt(control + CONTROL_LEVEL) == IPPROTO_IP;
            // the routes, not the interface by which a question came, say where its answer goes
            if (isIpv4 || !isLinkLocal(control + CONTROL_DATA)) {
                memory.putInt(control + CONTROL_DATA + (isIpv4 ? 0 : INTERFACE_OF_IPV6), 0);
            }
        }
        return length;
    }

    /** Whether an IPv6 address is in fe80::/10: without its interface it is none, and the kernel refuses to send from it. */
    private boolean isLinkLocal(int at) {
        return memory.get(at) == (byte) 0xfe && (memory.get(at + 1) & 0xc0) == 0x80;
    }

    /** Adds an answer to the sender of a received message. */
    void answer(int place, byte[] octets, int length) {
        int header = sentHeaders + toSend * HEADER;
        memory.putLong(header, address + names + (long) place * NAME);
        memory.putInt(header + NAME_LENGTH, memory.getInt(place * HEADER + NAME_LENGTH));
        if (hasControls) {
            int control = controlOf(place);
            memory.putLong(header + CONTROLS, control == 0 ? 0 : address + controls + (long) place * CONTROL);
            memory.putLong(header + CONTROL_LENGTH, control);
        }
        memory.putLong(pieces + (places + toSend) * PIECE + 8, length);
        memory.put(sent + toSend * payload, octets, 0, length);
        toSend++;
    }

    /** Sends all answers that the kernel takes now. @return how many it did not */
    int send(int socket) {
        int from = 0;
        int refused = 0;
        while (from < toSend) {
            int taken = MessageCalls.send(
                    socket, address + sentHeaders + (long) from * HEADER, toSend - from, MessageCalls.DO_NOT_WAIT);
            if (taken <= 0) {
                refused++;
                from++;
            } else {
                from += taken;
            }
        }
        return refused;
    }
}
