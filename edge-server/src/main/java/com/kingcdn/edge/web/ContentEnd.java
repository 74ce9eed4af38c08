package com.kingcdn.edge.web;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;

/**
 * What the end of a connection of HTTP/1.1 says of the content on it. To a client of HTTP/1.0 content of unknown length is whole when the
 * connection ends, whoever ends it: inside such content that is to be no end of the orderly kind (RFC 9112 sections 8 and 9.8). Of the
 * connection's event loop.
 */
final class ContentEnd {

    private boolean endless;
    private boolean open;

    /** Notes that content has begun that lasts as long as the connection. */
    void begin() {
        endless = true;
        open = true;
    }

    /** Notes that all of a response has been written. */
    void written() {
        open = false;
    }

    /** Closes the connection: inside content that would pass for whole by a reset, and over TLS without a word. */
    void close(ChannelHandlerContext context, ChannelPromise promise) {
        Channel channel = context.channel();
        if (endless && (open || isSending(channel)) && channel.isActive()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            // below TLS
            channel.pipeline().firstContext().close(promise);
        } else {
            context.close(promise);
        }
    }

    /** Whether the kernel has not taken yet all that has been flushed. */
    static boolean isSending(Channel channel) {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting != null && !waiting.isEmpty();
    }
}
