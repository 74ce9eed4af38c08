package com.kingcdn.edge.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Keeps what one response has too much from becoming the next one, before the codec.
 *
 * <p>A server that sends more than it announced, by mistake or by intent, would answer the next request on the connection with it, and
 * so choose what is stored for another URL. So a connection is closed when octets are left behind a response's end, when it is not clear
 * that none are, and when some come although nothing was asked.
 */
final class ResponseBoundary extends ChannelInboundHandlerAdapter {

    private boolean expecting;
    private boolean reading;
    private boolean ended;
    private boolean next;

    /** Whether the codec may hold octets of the reads before. */
    private boolean held;

    /** A request is about to be sent; perhaps while what ended the exchange before is still being read. */
    void begin() {
        if (reading) {
            next = true;
        } else {
            expecting = true;
        }
    }

    /** The codec has seen the end of the response. */
    void end() {
        ended = true;
    }

    /** Whether what comes belongs to no response. */
    boolean hasEnded() {
        return ended;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf octets)) {
            context.fireChannelRead(message);
            return;
        }
        if (!expecting) {
            octets.release();
            context.close();
            return;
        }
        reading = true;
        octets.retain();
        try {
            context.fireChannelRead(octets);
            // a decoder that holds nothing reads from the very buffer, and leaves in it what it cannot use yet
            held |= octets.isReadable();
        } finally {
            octets.release();
            reading = false;
        }
        if (ended) {
            ended = false;
            expecting = next;
            next = false;
            if (held) {
                context.close();
            }
        }
    }

    /** Something came whole behind the end. */
    void surplus() {
        held = true;
    }
}
