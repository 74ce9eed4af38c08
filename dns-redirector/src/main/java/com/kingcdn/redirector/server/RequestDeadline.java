package com.kingcdn.redirector.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The end of a connection whose client takes too long over a request, its head or its body, whether or not anybody reads it: one octet now
 * and then keeps an idle timeout from coming. How long the response takes does not matter. Behind the codec.
 */
final class RequestDeadline extends ChannelInboundHandlerAdapter {

    private final Duration patience;
    private @Nullable Future<?> deadline;
    /** Whether what came with the last octets has ended a request. */
    private boolean ended;

    /** @param patience from the first octet of a request, or from the connection's beginning, to the request's last */
    RequestDeadline(Duration patience) {
        this.patience = patience;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        begin(context);
        context.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest) {
            begin(context);
        }
        if (message instanceof LastHttpContent) {
            ended = true;
            end();
        }
        context.fireChannelRead(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!ended) {
            // a part of a head, of which the codec says nothing
            begin(context);
        }
        ended = false;
        context.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end();
        context.fireChannelInactive();
    }

    private void begin(ChannelHandlerContext context) {
        if (deadline == null) {
            deadline = context.executor().schedule(() -> context.close(), patience.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void end() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }
}
