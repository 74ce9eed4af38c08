package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.Downstream.InterimReceiver;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HopByHop;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Takes interim responses (RFC 9110 section 15.2) out of the way and hands them to who asked: Reactor Netty would take a 103 for the
 * final response, and the final one for the next request's.
 */
final class InterimResponseFilter extends ChannelInboundHandlerAdapter {

    private static final AttributeKey<InterimReceiver> RECEIVER = AttributeKey.valueOf("kingcdn.interim");

    /** RFC 2518 section 10.1: how one edge shows another that it is there, before it asks in turn. */
    static final int PROCESSING = 102;

    private final SurplusGuard guard;
    private boolean inside;

    /** @param guard is told when a final response has ended */
    InterimResponseFilter(SurplusGuard guard) {
        this.guard = guard;
    }

    /** Who gets the interim responses to the request that is about to be sent. */
    static void attach(Channel channel, @Nullable InterimReceiver receiver) {
        channel.attr(RECEIVER).set(receiver);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (guard.hasEnded()) {
            SurplusGuard.taint(context.channel());
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                && response.status().code() != 101
                && response.decoderResult().isSuccess()) {
            inside = true;
            pass(context.channel(), response);
        }
        if (!inside) {
            if (message instanceof LastHttpContent) {
                guard.responseEnded();
            }
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

    /** A 100 is ours to read over: it answers an expectation that is never sent. */
    private static void pass(Channel channel, HttpResponse response) {
        InterimReceiver receiver = channel.attr(RECEIVER).get();
        if (receiver != null && response.status().code() != 100) {
            receiver.interim(response.status().code(), HopByHop.strip(fields(response.headers())));
        }
    }

    /** The header section as a value. */
    static HeaderFields fields(HttpHeaders headers) {
        HeaderFields.Builder fields = HeaderFields.builder();
        headers.forEach(line -> fields.add(line.getKey(), line.getValue()));
        return fields.build();
    }
}
