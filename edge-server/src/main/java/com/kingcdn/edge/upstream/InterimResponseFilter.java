package com.kingcdn.edge.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/**
 * Reads over interim responses (RFC 9110 section 15.2): Reactor Netty would take a 103 for the final response, and the final one for
 * the next request's.
 */
final class InterimResponseFilter extends ChannelInboundHandlerAdapter {

    private boolean inside;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                && response.status().code() != 101
                && response.decoderResult().isSuccess()) {
            inside = true;
        }
        if (!inside) {
            context.fireChannelRead(message);
            return;
        }
        inside = !(message instanceof LastHttpContent);
        boolean more = message instanceof HttpContent;
        ReferenceCountUtil.release(message);
        if (more) {
            // what was read went to nobody, so nobody will ask for the rest
            context.read();
        }
    }
}
