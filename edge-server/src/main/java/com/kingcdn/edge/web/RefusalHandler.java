package com.kingcdn.edge.web;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.ContentLengthNotAllowedException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http.TransferEncodingNotAllowedException;
import io.netty.util.ReferenceCountUtil;

/**
 * Answers what the codec cannot read, with a problem and a closed connection: nothing behind an unreadable head can be trusted. With
 * responses still due on the connection it leaves that to Reactor Netty, which keeps their order.
 */
final class RefusalHandler extends ChannelDuplexHandler {

    private int due;
    private boolean closing;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (closing) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpRequest request) {
            DecoderResult result = request.decoderResult();
            if (result.isFailure() && due == 0) {
                ReferenceCountUtil.release(message);
                refuse(context, result.cause());
                return;
            }
            due++;
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof LastHttpContent && !isInterim(message)) {
            due--;
        }
        context.write(message, promise);
    }

    private static boolean isInterim(Object message) {
        return message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    private void refuse(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof PrematureChannelClosureException)) {
            refuse(context, refusalFor(cause));
        }
    }

    /** Answers and closes, unless a response is under way already: then it only closes. */
    void refuse(ChannelHandlerContext context, Refusal refusal) {
        if (closing) {
            return;
        }
        closing = true;
        EdgeMetrics.refused(refusal);
        if (due > 0) {
            context.close();
            return;
        }
        byte[] problem = Problem.json(refusal.status(), refusal.detail());
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(refusal.status()), Unpooled.wrappedBuffer(problem));
        response.headers()
                .set("content-type", Problem.MEDIA_TYPE)
                .set("content-length", problem.length)
                .set("cache-control", "no-store")
                .set("connection", "close");
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private static Refusal refusalFor(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Refusal.TARGET_TOO_LONG;
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return Refusal.FIELDS_TOO_LARGE;
        }
        return cause instanceof ContentLengthNotAllowedException || cause instanceof TransferEncodingNotAllowedException
                ? Refusal.FRAMING
                : Refusal.MALFORMED;
    }
}
