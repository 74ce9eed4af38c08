package com.kingcdn.edge.web;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2UnknownFrame;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What watches over one HTTP/2 connection, behind its codec (RFC 9113 section 10.5).
 *
 * <p>The codec itself ends connections that reset many streams (rapid reset), send many empty or small frames, or announce more than
 * they may. This counts what it ends, ends those that send control frames and nothing else, those on which nothing happens, and those
 * whose client opens no window for what it asked for.
 */
final class Http2Guard extends ChannelDuplexHandler {

    /** Control frames a second that nobody needs, and how many at once. */
    private static final long CONTROL_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1) / 10;

    private static final long CONTROL_BURST_NANOS = 200 * CONTROL_INTERVAL_NANOS;

    private final Http2Connection connection;
    private final long idleNanos;
    private final long stallNanos;
    private final ChannelFutureListener onSent = this::sent;
    private int waiting;
    private long progress = System.nanoTime();
    private long controlDebt = System.nanoTime();
    private boolean closing;
    private @Nullable Future<?> check;

    /**
     * For one connection.
     *
     * @param idleNanos how long it may stay open without a stream
     * @param stallNanos how long its client may take nothing of what waits for it
     */
    Http2Guard(Http2Connection connection, long idleNanos, long stallNanos) {
        this.connection = connection;
        this.idleNanos = idleNanos;
        this.stallNanos = stallNanos;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        Http2ConnectionHandler codec = context.pipeline().get(Http2ConnectionHandler.class);
        if (codec != null) {
            codec.decoder().frameListener(new PriorityCount(codec.decoder().frameListener()));
        }
        checkIn(context, Math.min(idleNanos, stallNanos));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (check != null) {
            check.cancel(false);
        }
    }

    private void checkIn(ChannelHandlerContext context, long nanos) {
        check = context.executor().schedule(() -> check(context), nanos, TimeUnit.NANOSECONDS);
    }

    private void check(ChannelHandlerContext context) {
        boolean active = connection.numActiveStreams() > 0;
        long quiet = System.nanoTime() - progress;
        if (active && waiting == 0) {
            // it is we who are due to send something
            checkIn(context, Math.min(idleNanos, stallNanos));
            return;
        }
        long left = (active ? stallNanos : idleNanos) - quiet;
        if (left > 0) {
            checkIn(context, left);
        } else if (active) {
            EdgeMetrics.http2Closed(Http2Closing.STALLED);
            context.close();
        } else {
            EdgeMetrics.http2Closed(Http2Closing.IDLE);
            goAway(context, Http2Error.NO_ERROR);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
        if (closing) {
            ReferenceCountUtil.release(frame);
            return;
        }
        if (isControl(frame)) {
            if (isOneTooMany()) {
                ReferenceCountUtil.release(frame);
                EdgeMetrics.http2Closed(Http2Closing.FLOOD);
                goAway(context, Http2Error.ENHANCE_YOUR_CALM);
                return;
            }
        } else {
            progress = waiting == 0 ? System.nanoTime() : progress;
        }
        if (frame instanceof Http2HeadersFrame head && !Http2Fields.areClean(head.headers())) {
            reset(context, head.stream(), Http2Error.PROTOCOL_ERROR);
            return;
        }
        context.fireChannelRead(frame);
    }

    /** Counts a control frame. */
    private boolean isOneTooMany() {
        long now = System.nanoTime();
        controlDebt = Math.max(controlDebt, now) + CONTROL_INTERVAL_NANOS;
        return controlDebt - now > CONTROL_BURST_NANOS;
    }

    private static boolean isControl(Object frame) {
        return frame instanceof Http2PingFrame
                || frame instanceof Http2SettingsFrame
                || frame instanceof Http2UnknownFrame;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof Http2DataFrame) {
            if (waiting++ == 0) {
                progress = System.nanoTime();
            }
            context.write(message, promise.unvoid().addListener(onSent));
        } else {
            context.write(message, promise);
        }
    }

    private void sent(ChannelFuture frame) {
        waiting--;
        progress = System.nanoTime();
    }

    private static void reset(ChannelHandlerContext context, @Nullable Http2FrameStream stream, Http2Error error) {
        EdgeMetrics.HTTP2_STREAM_ERRORS.inc();
        context.writeAndFlush(new DefaultHttp2ResetFrame(error).stream(stream));
    }

    private void goAway(ChannelHandlerContext context, Http2Error error) {
        closing = true;
        context.writeAndFlush(new DefaultHttp2GoAwayFrame(error, Unpooled.EMPTY_BUFFER))
                .addListener(ChannelFutureListener.CLOSE);
    }

    /** The codec ends a connection by itself, and leaves the end of a stream to others. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof Http2FrameStreamException error) {
            reset(context, error.stream(), error.error());
        } else if (cause instanceof Http2Exception.StreamException) {
            EdgeMetrics.HTTP2_STREAM_ERRORS.inc();
        } else if (cause instanceof Http2Exception error) {
            EdgeMetrics.http2Closed(
                    error.error() == Http2Error.ENHANCE_YOUR_CALM ? Http2Closing.FLOOD : Http2Closing.PROTOCOL);
        } else {
            // the client has gone, or TLS has failed
            context.close();
        }
    }

    /** Counts PRIORITY (RFC 9113 section 5.3.2: deprecated), of which the codec shows nobody those of streams that do not exist. */
    private final class PriorityCount extends Http2FrameListenerDecorator {

        PriorityCount(Http2FrameListener listener) {
            super(listener);
        }

        @Override
        public void onPriorityRead(
                ChannelHandlerContext context, int stream, int dependency, short weight, boolean exclusive)
                throws Http2Exception {
            if (isOneTooMany()) {
                throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too many PRIORITY frames");
            }
            super.onPriorityRead(context, stream, dependency, weight, exclusive);
        }
    }
}
