package com.kingcdn.edge.web;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http3.Http3Exception;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the pipelines of QUIC's sockets, and of streams that carry no request: what a client does wrong there is counted, and no
 * news beyond that.
 */
@Sharable
final class UnheardFailures extends ChannelInboundHandlerAdapter {

    static final UnheardFailures INSTANCE = new UnheardFailures();

    private static final Logger LOG = LoggerFactory.getLogger(UnheardFailures.class);

    private UnheardFailures() {}

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof Http3Exception) {
            EdgeMetrics.http3Closed(ConnectionClosing.PROTOCOL);
        }
        LOG.debug("a datagram, or an HTTP/3 stream without a request, could not be read", cause);
    }
}
