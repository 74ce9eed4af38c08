package com.kingcdn.redirector.server;

import io.netty.channel.unix.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The memory of one socket's batch of datagrams, as {@link MessageCalls} has them: for each place a {@code struct mmsghdr} with the
 * parts it points to. An answer takes the place of its question, and goes where that came from, so that a batch fits into the nearest
 * cache of the processor. Used by one thread.
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

    private static final int PIECE_LENGTH = 8;

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
    private final int pieces;
    private final int names;
    private final int controls;
    private final boolean hasControls;
    private final int messages;
    private final byte[] ipv4 = new byte[4];
    private final byte[] ipv6 = new byte[16];
    /** How many places hold what the kernel or an answer has written. */
    private int used;
    /** A bit for each place whose answer is to be sent. */
    private long answered;

    /**
     * For so many datagrams at a time.
     *
     * @param places 64 at most
     * @param payload the most octets of each
     * @param hasControls whether the kernel says to which address each was sent, so that its answer leaves from there
     */
    DatagramBatch(int places, int payload, boolean hasControls) {
        this.places = places;
        this.payload = payload;
        this.pieces = places * HEADER;
        this.names = pieces + places * PIECE;
        this.controls = names + places * NAME;
        this.hasControls = hasControls;
        this.messages = controls + places * CONTROL;
        this.memory = ByteBuffer.allocateDirect(messages + places * payload).order(ByteOrder.nativeOrder());
        this.address = Buffer.memoryAddress(memory);
        for (int i = 0; i < places; i++) {
            int header = i * HEADER;
            memory.putLong(header, address + names + (long) i * NAME);
            memory.putLong(header + PIECES, address + pieces + (long) i * PIECE);
            memory.putLong(header + PIECE_COUNT, 1);
            memory.putLong(pieces + i * PIECE, address + messages + (long) i * payload);
            if (hasControls) {
                memory.putLong(header + CONTROLS, address + controls + (long) i * CONTROL);
            }
        }
        this.used = places;
    }

    /**
     * Takes the datagrams that are there.
     *
     * @param flags whether to wait for one
     * @return how many; 0 for none in time
     */
    int receive(int socket, int flags) {
        for (int i = 0; i < used; i++) {
            // the kernel says how long a name and a control were in the same places
            memory.putInt(i * HEADER + NAME_LENGTH, NAME_MOST);
            memory.putLong(i * HEADER + CONTROL_LENGTH, hasControls ? CONTROL : 0);
            memory.putLong(pieces + i * PIECE + PIECE_LENGTH, payload);
        }
        answered = 0;
        used = Math.max(0, MessageCalls.receive(socket, address, places, flags));
        return used;
    }

    /** Copies a received message. @return how many octets, at most the array's length */
    int message(int place, byte[] into) {
        int length = Math.min(into.length, memory.getInt(place * HEADER + MESSAGE_LENGTH));
        memory.get(messages + place * payload, into, 0, length);
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

    /** Puts an answer to the sender of a received message in its place. */
    void answer(int place, byte[] octets, int length) {
        if (hasControls) {
            memory.putLong(place * HEADER + CONTROL_LENGTH, controlOf(place));
        }
        memory.putLong(pieces + place * PIECE + PIECE_LENGTH, length);
        memory.put(messages + place * payload, octets, 0, length);
        answered |= 1L << place;
    }

    /** Sends all answers that the kernel takes now. @return how many it did not */
    int send(int socket) {
        int refused = 0;
        while (answered != 0) {
            int from = Long.numberOfTrailingZeros(answered);
            int together = Long.numberOfTrailingZeros(~(answered >>> from));
            int taken = MessageCalls.send(
                    socket,
                    address + (long) from * HEADER,
                    Math.min(together, places - from),
                    MessageCalls.DO_NOT_WAIT);
            if (taken <= 0) {
                refused++;
                taken = 1;
            }
            // what is taken, from the lowest of those that are left
            answered = from + taken == Long.SIZE ? 0 : answered >>> (from + taken) << (from + taken);
        }
        return refused;
    }
}
