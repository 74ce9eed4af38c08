package com.kingcdn.edge.probe;

import com.kingcdn.edge.probe.WaitingProbes.Waiting;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes by ICMP echo (RFC 792, RFC 4443 section 4) over one {@link EchoSocket}. An answer counts that comes from the target and repeats the sequence
 * number and a token of 64 bits; that the identifier is ours the kernel has seen to. What a router says of a target tells
 * nothing of the delay to it, and the kernel keeps it to itself. For its event loop alone.
 */
final class IcmpProbes extends SimpleChannelInboundHandler<DatagramPacket> {

    private static final Logger log = LoggerFactory.getLogger(IcmpProbes.class);

    private static final int LENGTH = 16;
    private static final int SEQUENCE = 6;
    private static final int TOKEN = 8;

    private final WaitingProbes waiting;
    private final Channel socket;
    private final int request;
    private final int reply;

    /** @param socket to whose pipeline this has been or will be added */
    IcmpProbes(Channel socket, boolean ipv4, WaitingProbes waiting) {
        this.socket = socket;
        this.waiting = waiting;
        request = ipv4 ? 8 : 128;
        reply = ipv4 ? 0 : 129;
    }

    /**
     * Takes a socket into use; not on the event loop.
     *
     * @param source where echoes come from
     */
    static IcmpProbes open(DatagramChannel socket, InetAddress source, WaitingProbes waiting, EventLoop loop) {
        IcmpProbes probes = new IcmpProbes(socket, source instanceof Inet4Address, waiting);
        socket.pipeline().addLast(probes);
        loop.register(socket).syncUninterruptibly();
        try {
            socket.bind(new InetSocketAddress(source, 0)).syncUninterruptibly();
            return probes;
        } catch (Exception e) {
            probes.close();
            throw e;
        }
    }

    void send(Probe probe, InetAddress address) {
        Waiting sending = waiting.add(probe, address);
        if (sending == null) {
            return;
        }
        // the kernel fills in checksum and identifier
        ByteBuf echo = socket.alloc()
                .buffer(LENGTH)
                .writeByte(request)
                .writeZero(SEQUENCE - 1)
                .writeShort(sending.number())
                .writeLong(sending.token());
        socket.writeAndFlush(new DatagramPacket(echo, new InetSocketAddress(address, 0)))
                .addListener(sent -> {
                    if (!sent.isSuccess()) {
                        log.debug("no echo to {}", address, sent.cause());
                    }
                });
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
        long now = System.nanoTime();
        ByteBuf answer = packet.content();
        int at = answer.readerIndex();
        if (answer.readableBytes() != LENGTH || answer.getUnsignedByte(at) != reply || answer.getByte(at + 1) != 0) {
            return;
        }
        Waiting asked = waiting.find(
                answer.getUnsignedShort(at + SEQUENCE), packet.sender().getAddress());
        if (asked != null && asked.token() == answer.getLong(at + TOKEN)) {
            waiting.answered(asked, now);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.debug("ICMP socket of probes", cause);
    }

    void close() {
        socket.close().awaitUninterruptibly();
    }
}
