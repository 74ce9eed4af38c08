package com.kingcdn.redirector.server;

import io.netty.channel.ChannelException;
import io.netty.channel.unix.Buffer;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel keeps away from a datagram socket: on purpose, by a {@link FilterProgram}, and for want of room in its queue. Used by one
 * thread at a time, and only while the socket is open.
 */
final class SocketFilter {

    private static final int SOL_SOCKET = 1;
    private static final int SO_ATTACH_FILTER = 26;
    private static final int SO_DETACH_FILTER = 27;
    private static final int SO_MEMINFO = 55;
    /* of nine numbers of 32 bits the last one */
    private static final int MEMINFO_LENGTH = 36;
    private static final int MEMINFO_DROPS = 32;

    /* struct sock_fprog: length (2, 6 unused), address of the steps (8; 4 where pointers have 32 bits) */
    private static final int PROGRAM_LENGTH = 16;
    private static final int PROGRAM_ADDRESS = 8;

    private final Socket socket;
    private final ByteBuffer memory = ByteBuffer.allocateDirect(MEMINFO_LENGTH).order(ByteOrder.nativeOrder());
    private boolean attached;
    private int dropped;

    SocketFilter(Socket socket) {
        this.socket = socket;
    }

    /**
     * Puts a program in the place of another one, at once and with no datagram left to neither where the kernel has room for both.
     *
     * @param program null for none
     * @throws IOException when the kernel does not; what was before may still be there then
     */
    void set(@Nullable FilterProgram program) throws IOException {
        try {
            if (program == null) {
                detach();
            } else {
                replace(program);
            }
        } catch (ChannelException e) {
            throw new IOException("socket filter: " + e.getMessage(), e);
        }
    }

    private void replace(FilterProgram program) throws IOException {
        try {
            attach(program);
        } catch (ChannelException | IOException e) {
            if (!attached) {
                throw e;
            }
            // net.core.optmem_max bounds both together, and hardened programs are three times as long
            detach();
            attach(program);
        }
    }

    private void attach(FilterProgram program) throws IOException {
        ByteBuffer steps = program.steps();
        memory.clear()
                .putShort(0, (short) (steps.limit() / FilterProgram.STEP))
                .putLong(PROGRAM_ADDRESS, Buffer.memoryAddress(steps));
        try {
            socket.setRawOpt(SOL_SOCKET, SO_ATTACH_FILTER, memory.limit(PROGRAM_LENGTH));
            attached = true;
        } finally {
            // the kernel has copied the steps by now, which it found by their address alone
            Reference.reachabilityFence(program);
        }
    }

    private void detach() throws IOException {
        if (attached) {
            socket.setRawOpt(
                    SOL_SOCKET, SO_DETACH_FILTER, memory.clear().putInt(0, 0).limit(Integer.BYTES));
            attached = false;
        }
    }

    /** How many datagrams the kernel has dropped since this was asked last. */
    long dropped() throws IOException {
        try {
            socket.getRawOpt(SOL_SOCKET, SO_MEMINFO, memory.clear());
        } catch (ChannelException e) {
            throw new IOException("SO_MEMINFO: " + e.getMessage(), e);
        }
        int before = dropped;
        dropped = memory.getInt(MEMINFO_DROPS);
        // a number of 32 bits that begins again at 0
        return Integer.toUnsignedLong(dropped - before);
    }
}
