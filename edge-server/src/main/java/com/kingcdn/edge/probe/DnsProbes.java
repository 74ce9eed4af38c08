package com.kingcdn.edge.probe;

import com.kingcdn.edge.probe.WaitingProbes.Waiting;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes by DNS over one UDP socket: the question for the root's name servers, without recursion. Whoever is a resolver has an answer to
 * that at hand, and a refusal tells the delay as well. For its event loop alone.
 */
final class DnsProbes extends SimpleChannelInboundHandler<DatagramPacket> {

    private static final Logger log = LoggerFactory.getLogger(DnsProbes.class);

    private static final int HEADER_LENGTH = 12;
    private static final int RESPONSE_FLAG = 0x80;
    private static final int TYPE_NS = 2;
    private static final int CLASS_IN = 1;

    private final WaitingProbes waiting;
    private final Channel socket;

    private DnsProbes(
            Class<? extends DatagramChannel> channel, InetSocketAddress source, WaitingProbes waiting, EventLoop loop) {
        this.waiting = waiting;
        socket = new Bootstrap()
                .group(loop)
                .channel(channel)
                .handler(this)
                .bind(source)
                .syncUninterruptibly()
                .channel();
    }

    /**
     * Opens the socket; not on the event loop.
     *
     * @param source with port 0 for a random one
     */
    static DnsProbes open(
            Class<? extends DatagramChannel> channel, InetSocketAddress source, WaitingProbes waiting, EventLoop loop) {
        return new DnsProbes(channel, source, waiting, loop);
    }

    void send(Probe probe, InetSocketAddress address) {
        // its number is hard to guess, with our port: nobody but the target can answer
        Waiting sending = waiting.add(probe, address.getAddress());
        if (sending == null) {
            return;
        }
        socket.writeAndFlush(new DatagramPacket(query(sending.number()), address))
                .addListener(sent -> {
                    if (!sent.isSuccess()) {
                        log.debug("no probe to {}", address, sent.cause());
                    }
                });
    }

    private ByteBuf query(int id) {
        return socket.alloc()
                .buffer(HEADER_LENGTH + 5)
                .writeShort(id)
                .writeShort(0)
                .writeShort(1)
                .writeZero(6)
                .writeByte(0)
                .writeShort(TYPE_NS)
                .writeShort(CLASS_IN);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket answer) {
        long now = System.nanoTime();
        ByteBuf content = answer.content();
        if (content.readableBytes() < HEADER_LENGTH
                || (content.getByte(content.readerIndex() + 2) & RESPONSE_FLAG) == 0) {
            return;
        }
        Waiting asked = waiting.find(
                content.getUnsignedShort(content.readerIndex()), answer.sender().getAddress());
        if (asked != null && asked.probe().step().port() == answer.sender().getPort()) {
            waiting.answered(asked, now);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // a port that is closed comes back as an error on our socket
        log.debug("UDP socket of probes", cause);
    }

    void close() {
        socket.close().awaitUninterruptibly();
    }
}
