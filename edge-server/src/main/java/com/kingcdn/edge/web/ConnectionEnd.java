package com.kingcdn.edge.web;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** How connections end that have done nothing wrong, or whose clients are to read why they have. */
final class ConnectionEnd {

    /** Tells a connection that the server will stop soon: it is to end behind its next response, and another one can still be made. */
    static final Object SOON = new Object();

    /** Tells a connection that the server stops: no further request is to be taken. */
    static final Object STOP = new Object();

    private static final long LINGER_MILLIS = 2000;

    private ConnectionEnd() {}

    /**
     * Flushes, sends the end, and closes once the client has done so too, or after a moment. To close at once would have the kernel
     * answer what is still on its way with a reset, which can cost the client the response (RFC 9112 section 9.6).
     */
    static void closeGently(ChannelHandlerContext context) {
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> linger(context));
    }

    private static void linger(ChannelHandlerContext context) {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        } else if (context.channel() instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
        } else {
            context.close();
            return;
        }
        Future<?> end =
                context.executor().schedule(() -> context.channel().close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
        context.channel().closeFuture().addListener(closed -> end.cancel(false));
    }
}
