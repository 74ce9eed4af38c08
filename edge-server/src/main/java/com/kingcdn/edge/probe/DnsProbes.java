package com.kingcdn.edge.probe;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes by DNS over one UDP socket: the question for the root's name servers, without recursion. Whoever is a resolver has an answer to
 * that at hand, and a refusal tells the delay as well. For its event loop alone.
 */
final class DnsProbes extends SimpleChannelInboundHandler<DatagramPacket> {

    private static final Logger log = LoggerFactory.getLogger(DnsProbes.class);

    private static final int IDS = 1 << 16;
    private static final int MOST_WAITING = IDS / 4;
    private static final int HEADER_LENGTH = 12;
    private static final int RESPONSE_FLAG = 0x80;
    private static final int TYPE_NS = 2;
    private static final int CLASS_IN = 1;

    private record Waiting(Probe probe, InetSocketAddress address, long sentNanos, Future<?> timeout) {}

    private final ProbeListener listener;
    private final long timeoutMillis;
    private final Channel socket;
    private final Map<Integer, Waiting> waiting = new HashMap<>();

    private DnsProbes(
            EventLoop loop,
            Class<? extends DatagramChannel> channel,
            InetSocketAddress source,
            long timeoutMillis,
            ProbeListener listener) {
        this.listener = listener;
        this.timeoutMillis = timeoutMillis;
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
            EventLoop loop,
            Class<? extends DatagramChannel> channel,
            InetSocketAddress source,
            long timeoutMillis,
            ProbeListener listener) {
        return new DnsProbes(loop, channel, source, timeoutMillis, listener);
    }

    void send(Probe probe, InetSocketAddress address) {
        if (waiting.size() >= MOST_WAITING) {
            listener.lost(probe);
            return;
        }
        // hard to guess, with the port: nobody but the target can answer
        int id;
        do {
            id = ThreadLocalRandom.current().nextInt(IDS);
        } while (waiting.containsKey(id));
        int key = id;
        Future<?> timeout = socket.eventLoop().schedule(() -> expired(key), timeoutMillis, TimeUnit.MILLISECONDS);
        waiting.put(id, new Waiting(probe, address, System.nanoTime(), timeout));
        socket.writeAndFlush(new DatagramPacket(query(id), address)).addListener(sent -> {
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

    private void expired(int id) {
        Waiting none = waiting.remove(id);
        if (none != null) {
            listener.lost(none.probe());
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket answer) {
        long now = System.nanoTime();
        ByteBuf content = answer.content();
        if (content.readableBytes() < HEADER_LENGTH
                || (content.getByte(content.readerIndex() + 2) & RESPONSE_FLAG) == 0) {
            return;
        }
        int id = content.getUnsignedShort(content.readerIndex());
        Waiting asked = waiting.get(id);
        if (asked != null && asked.address().equals(answer.sender())) {
            waiting.remove(id);
            asked.timeout().cancel(false);
            listener.answered(asked.probe(), now - asked.sentNanos());
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
