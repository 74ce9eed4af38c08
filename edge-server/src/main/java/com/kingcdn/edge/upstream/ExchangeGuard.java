package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.Downstream.InterimReceiver;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HopByHop;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds the exchanges of one connection to what they may do, behind the codec.
 *
 * <p>The head must come in time, however many octets come instead; a library's read timeout begins anew with each of them. Interim
 * responses (RFC 9110 section 15.2) are taken out of the way and handed to who asked: Reactor Netty would take a 103 for the final
 * response, and the final one for the next request's. Nothing may come when nothing was asked ({@link ResponseBoundary}).
 */
final class ExchangeGuard extends ChannelDuplexHandler {

    /** RFC 2518 section 10.1: how one edge shows another that it is there, before it asks in turn. */
    static final int PROCESSING = 102;

    /** More than any use of them; each is forwarded to all who wait. */
    static final int MOST_INTERIM = 32;

    private final ResponseBoundary boundary;
    private @Nullable Timeouts timeouts;
    private @Nullable InterimReceiver receiver;
    private @Nullable Future<?> deadline;
    private int interim;
    private boolean inside;

    ExchangeGuard(ResponseBoundary boundary) {
        this.boundary = boundary;
    }

    /** Begins an exchange, before its request is sent. */
    static void begin(Channel channel, Timeouts timeouts, @Nullable InterimReceiver receiver) {
        ExchangeGuard guard = channel.pipeline().get(ExchangeGuard.class);
        guard.timeouts = timeouts;
        guard.receiver = receiver;
        guard.interim = 0;
        guard.inside = false;
        guard.boundary.begin();
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        Timeouts limits = timeouts;
        if (message instanceof LastHttpContent && limits != null) {
            context.write(message, promise.unvoid().addListener(sent -> {
                // no head has come before all was sent
                if (sent.isSuccess() && timeouts != null) {
                    expect(context, limits.sign());
                }
            }));
        } else {
            context.write(message, promise);
        }
    }

    private void expect(ChannelHandlerContext context, Duration within) {
        settle();
        deadline = context.executor()
                .schedule(
                        () -> {
                            context.fireExceptionCaught(ReadTimeoutException.INSTANCE);
                            context.close();
                        },
                        within.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    private void settle() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (boundary.hasEnded()) {
            boundary.surplus();
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpResponse response) {
            inside = isInterim(response);
            if (inside) {
                interim(context, response);
            } else {
                settle();
                timeouts = null;
                receiver = null;
            }
        }
        if (!inside) {
            if (message instanceof LastHttpContent) {
                boundary.end();
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

    private static boolean isInterim(HttpResponse response) {
        return response.status().codeClass() == HttpStatusClass.INFORMATIONAL
                && response.status().code() != 101
                && response.decoderResult().isSuccess();
    }

    /** A 100 is ours to read over: it answers an expectation that is never sent. */
    private void interim(ChannelHandlerContext context, HttpResponse response) {
        if (++interim > MOST_INTERIM) {
            context.fireExceptionCaught(new DecoderException("more than " + MOST_INTERIM + " interim responses"));
            context.close();
            return;
        }
        Timeouts limits = timeouts;
        if (limits != null && interim == 1 && !limits.sign().equals(limits.firstByte())) {
            // the other side lives: now it may take its time
            expect(context, limits.firstByte());
        }
        int code = response.status().code();
        boolean meant = limits != null
                && code != 100
                && (code != PROCESSING || limits.sign().equals(limits.firstByte()));
        if (receiver != null && meant) {
            receiver.interim(code, HopByHop.strip(fields(response.headers())));
        }
    }

    /** The header section as a value. */
    static HeaderFields fields(HttpHeaders headers) {
        HeaderFields.Builder fields = HeaderFields.builder();
        headers.forEach(line -> fields.add(line.getKey(), line.getValue()));
        return fields.build();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        settle();
        context.fireChannelInactive();
    }
}
