package com.kingcdn.edge.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.AttributeKey;

/**
 * Notes what comes on a connection after the response that was asked for, so that it is not used again: taken for the beginning of the
 * next response it would poison the cache (RFC 9112 section 6.3). An origin that announces a shorter length than it sends does this.
 *
 * <p>Stands before the codec, which keeps such octets until more come, and is told by the {@link InterimResponseFilter} behind it when
 * a response has ended.
 */
final class SurplusGuard extends ChannelDuplexHandler {

    private static final AttributeKey<Boolean> TAINTED = AttributeKey.valueOf("kingcdn.surplus");

    private boolean ended;

    /** Whether a connection has brought more than was asked for. */
    static boolean isTainted(Channel channel) {
        return channel.hasAttr(TAINTED);
    }

    static void taint(Channel channel) {
        channel.attr(TAINTED).set(true);
    }

    /** Whether nothing is to come before the next request. */
    boolean hasEnded() {
        return ended;
    }

    /** The response has come to its end; called within the read that brought it. */
    void responseEnded() {
        ended = true;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ended = false;
        context.write(message, promise);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf octets)) {
            context.fireChannelRead(message);
            return;
        }
        boolean surplus = ended && octets.isReadable();
        octets.retain();
        try {
            // what the codec has not read of a read that ends a response, it keeps for later
            context.fireChannelRead(octets);
            surplus |= ended && octets.isReadable();
        } finally {
            octets.release();
        }
        if (surplus) {
            taint(context.channel());
        }
    }
}
