package com.kingcdn.edge.web;

import com.kingcdn.http.HeaderFields;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
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
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http.TransferEncodingNotAllowedException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What watches over one client connection, between the codec and Reactor Netty.
 *
 * <p>It answers what the codec cannot read, with a problem and a closed connection: nothing behind an unreadable head can be trusted.
 * With responses still due it leaves that to Reactor Netty, which keeps their order. It closes a connection that is idle,
 * with one timer for its whole life, or silent inside a request's content; Reactor Netty would change the pipeline four times a request
 * for that. And since it knows what is due, it lets
 * interim responses through at their time.
 */
final class ConnectionGuard extends ChannelDuplexHandler {

    private final long idleNanos;
    private final long readNanos;
    private int due;
    private boolean inContent;
    private boolean reading;
    private long silentSince;
    private @Nullable Future<?> silenceCheck;
    private boolean pipelined;
    private boolean responding;
    private boolean last;
    private boolean closing;
    private long quietSince = System.nanoTime();
    private @Nullable ChannelHandlerContext here;
    private @Nullable Future<?> idleCheck;

    /**
     * For one connection.
     *
     * @param idleNanos how long it may stay open without a request
     * @param readNanos the longest silence inside a request's content, while we read
     */
    ConnectionGuard(long idleNanos, long readNanos) {
        this.idleNanos = idleNanos;
        this.readNanos = readNanos;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        here = context;
        checkIdleIn(context, idleNanos);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (idleCheck != null) {
            idleCheck.cancel(false);
        }
        if (silenceCheck != null) {
            silenceCheck.cancel(false);
        }
    }

    @Override
    public void read(ChannelHandlerContext context) {
        if (inContent && !reading) {
            silentSince = System.nanoTime();
        }
        reading = true;
        context.read();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        if (inContent && silenceCheck == null) {
            checkSilenceIn(context, readNanos);
        }
        context.fireChannelReadComplete();
    }

    private void checkSilenceIn(ChannelHandlerContext context, long nanos) {
        silenceCheck = context.executor().schedule(() -> checkSilence(context), nanos, TimeUnit.NANOSECONDS);
    }

    /** What we do not ask for, because the origin is slow to take it, is no silence of the client's. */
    private void checkSilence(ChannelHandlerContext context) {
        silenceCheck = null;
        if (!inContent) {
            return;
        }
        long left = reading ? readNanos - (System.nanoTime() - silentSince) : readNanos;
        if (left > 0) {
            checkSilenceIn(context, left);
        } else {
            context.close();
        }
    }

    private void checkIdleIn(ChannelHandlerContext context, long nanos) {
        idleCheck = context.executor().schedule(() -> checkIdle(context), nanos, TimeUnit.NANOSECONDS);
    }

    private void checkIdle(ChannelHandlerContext context) {
        boolean busy = due > 0 || isSending(context);
        long left = busy ? idleNanos : idleNanos - (System.nanoTime() - quietSince);
        if (left > 0) {
            checkIdleIn(context, left);
        } else {
            context.close();
        }
    }

    private static boolean isSending(ChannelHandlerContext context) {
        ChannelOutboundBuffer waiting = context.channel().unsafe().outboundBuffer();
        return waiting != null && !waiting.isEmpty();
    }

    /** Whether no response is due, and the next request may be answered. */
    boolean isQuiet() {
        return due == 0 && !last && !closing;
    }

    /** Notes that a request was answered before it came here. */
    void answered(long nanoTime) {
        quietSince = nanoTime;
    }

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
            pipelined |= due > 0;
            due++;
            inContent = true;
        }
        if (message instanceof LastHttpContent) {
            inContent = false;
        }
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (!isInterim(message)) {
            if (message instanceof HttpResponse response) {
                responding = true;
                last |= !HttpUtil.isKeepAlive(response);
            }
            if (message instanceof LastHttpContent) {
                responding = false;
                due--;
                quietSince = System.nanoTime();
                readOn(context);
            }
        }
        context.write(message, promise);
    }

    /** Sends an interim response, from any thread; dropped unless a final one is due and has not begun. */
    void interim(int status, HeaderFields fields) {
        ChannelHandlerContext context = here;
        if (context == null) {
            return;
        }
        if (!context.executor().inEventLoop()) {
            context.executor().execute(() -> interim(status, fields));
        } else if (due > 0 && !responding && !closing) {
            FullHttpResponse interim = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.EMPTY_BUFFER);
            fields.forEach((name, value) -> interim.headers().add(name, value));
            // past Reactor Netty, which would count it as the response on a connection that is to be closed
            context.writeAndFlush(interim);
        }
    }

    /** Reactor Netty forgets to read on when the last of several pipelined requests is answered within the call. */
    private void readOn(ChannelHandlerContext context) {
        if (pipelined && due == 0) {
            pipelined = false;
            context.executor().execute(context::read);
        }
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

    /** Answers a client that does not finish its head. With responses due it is we who do not read on: false. */
    boolean headTimedOut() {
        ChannelHandlerContext context = here;
        if (due > 0) {
            return false;
        }
        if (context != null && !closing) {
            refuse(context, Refusal.REQUEST_TIMEOUT);
        }
        return true;
    }

    private void refuse(ChannelHandlerContext context, Refusal refusal) {
        closing = true;
        EdgeMetrics.refused(refusal);
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
