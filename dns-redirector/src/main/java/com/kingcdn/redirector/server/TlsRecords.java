package com.kingcdn.redirector.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * A look at what comes for TLS, in front of what decrypts it: a record of which only a part has come takes memory there, for as long as the
 * client likes (RFC 8446 section 5.1). Its octets pass as they are.
 */
final class TlsRecords extends ChannelInboundHandlerAdapter implements UnreadMemory.Holder {

    /** Type, version, length of what follows in two octets. */
    private static final int HEADER = 5;

    private static final int LENGTH_AT = 3;

    private final UnreadMemory unread;
    private @Nullable Channel channel;
    /** Octets of the present record that have come, and how many it has, as far as that is known. */
    private int come;

    private int length;
    private int counted;

    TlsRecords(UnreadMemory unread) {
        this.unread = unread;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf octets = (ByteBuf) message;
        if (follow(octets)) {
            // what is unfinished now has begun but now
            count(0);
        }
        // a short piece keeps the whole buffer that it came in
        count(come == 0 ? 0 : Math.max(come, octets.capacity()));
        context.fireChannelRead(message);
    }

    /** Whether a record has ended in these. */
    private boolean follow(ByteBuf octets) {
        boolean ended = false;
        for (int at = octets.readerIndex(); at < octets.writerIndex(); ) {
            if (come < HEADER) {
                if (come >= LENGTH_AT) {
                    length = come == LENGTH_AT
                            ? octets.getUnsignedByte(at) << 8
                            : HEADER + (length | octets.getUnsignedByte(at));
                }
                come++;
                at++;
            } else {
                int step = Math.min(octets.writerIndex() - at, length - come);
                come += step;
                at += step;
            }
            if (come >= HEADER && come == length) {
                come = 0;
                ended = true;
            }
        }
        return ended;
    }

    private void count(int bytes) {
        if (bytes != counted) {
            counted = bytes;
            unread.set(this, bytes);
        }
    }

    @Override
    public void giveUp() {
        if (channel != null) {
            channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        count(0);
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        count(0);
    }
}
