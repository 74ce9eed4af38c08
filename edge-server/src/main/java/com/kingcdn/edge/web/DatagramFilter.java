package com.kingcdn.edge.web;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.Quic;
import io.netty.util.ReferenceCountUtil;

/**
 * Drops the datagrams that no connection may begin with (RFC 9000 sections 5.2.2, 6 and 14.1): what is too small to be answered
 * without becoming a means of attacking others, and what only clients are sent.
 */
@Sharable
final class DatagramFilter extends ChannelInboundHandlerAdapter {

    /** Of a datagram that may make a server answer. */
    static final int SMALLEST_FIRST = 1200;

    private static final int LONG_HEADER = 0x80;
    private static final int PACKET_TYPE = 0x30;
    private static final int BEHIND_VERSION = 1 + Integer.BYTES;
    private static final int BEHIND_OUR_IDENTIFIER = 1 + Quic.MAX_CONN_ID_LEN;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof DatagramPacket datagram && isOfUse(datagram.content())) {
            context.fireChannelRead(datagram);
        } else {
            EdgeMetrics.DATAGRAMS_DROPPED.inc();
            ReferenceCountUtil.release(message);
        }
    }

    /** Whether it may be a packet of a connection, or begin one. */
    static boolean isOfUse(ByteBuf datagram) {
        int size = datagram.readableBytes();
        int start = datagram.readerIndex();
        if (size < BEHIND_VERSION) {
            return false;
        }
        int first = datagram.getUnsignedByte(start);
        if ((first & LONG_HEADER) == 0) {
            return size > BEHIND_OUR_IDENTIFIER;
        }
        int version = datagram.getInt(start + 1);
        if (version == 0) {
            return false;
        }
        boolean begins = (first & PACKET_TYPE) == 0 || !Quic.isVersionSupported(version);
        return !begins || size >= SMALLEST_FIRST;
    }
}
