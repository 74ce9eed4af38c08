package com.kingcdn.edge.web;

import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection of HTTP/2: Netty's codec, with requests and responses instead of frames.
 *
 * <p>A stream is an object here, no channel: a hit is two frames written within the call that read its request, and one flush carries
 * all that one read brought. The codec itself ends connections that reset many streams (rapid reset), send many empty or small frames, or
 * announce more than they may. This counts what it ends, ends those on which nothing happens, and those whose client opens no window for
 * what it asked for; {@link Http2Requests} sees to the rest of RFC 9113 section 10.5.
 */
final class Http2ClientConnection extends Http2ConnectionHandler implements ClientConnection, Runnable {

    private final Http2Path path;
    private final @Nullable TlsConnection tls;
    private final Http2Connection.PropertyKey key;
    private final ChannelFutureListener onSent = this::sent;
    private @Nullable ChannelHandlerContext here;
    private boolean inBatch;
    private boolean unflushed;
    private boolean tableChanged;
    private int waiting;
    private long progress = System.nanoTime();
    private @Nullable Future<?> check;

    private Http2ClientConnection(
            Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings, Builder builder) {
        super(decoder, encoder, settings);
        path = builder.path;
        tls = builder.tls;
        key = connection().newKey();
        decoder.frameListener(new Http2Requests(this, path.edge()));
        connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                Http2ClientStream known = find(stream);
                if (known != null) {
                    known.closed();
                }
            }
        });
    }

    /** Makes one. */
    static final class Builder extends AbstractHttp2ConnectionHandlerBuilder<Http2ClientConnection, Builder> {

        private final Http2Path path;
        private final @Nullable TlsConnection tls;

        Builder(Http2Path path, @Nullable TlsConnection tls, Http2Settings settings) {
            this.path = path;
            this.tls = tls;
            server(true);
            initialSettings(settings);
            gracefulShutdownTimeoutMillis(path.shutdownMillis());
        }

        @Override
        public Http2ClientConnection build() {
            return super.build();
        }

        @Override
        protected Http2ClientConnection build(
                Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
            return new Http2ClientConnection(decoder, encoder, settings, this);
        }
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext context = here;
        if (context == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return context;
    }

    @Override
    public Channel channel() {
        return context().channel();
    }

    @Override
    public Protocol protocol() {
        return Protocol.HTTP2;
    }

    @Override
    public @Nullable TlsConnection tls() {
        return tls;
    }

    // ------------------------------------------------------------------------------------------------------ streams

    /** The request that has begun on a stream, or null. */
    @Nullable
    Http2ClientStream find(Http2Stream stream) {
        return stream.getProperty(key);
    }

    /** Begins a request on a stream. */
    Http2ClientStream begin(Http2Stream stream, boolean expects, boolean received) {
        Http2ClientStream made = new Http2ClientStream(this, stream, expects, received);
        stream.setProperty(key, made);
        return made;
    }

    /** Notes that the client has sent something of use. */
    void progress() {
        if (waiting == 0) {
            progress = System.nanoTime();
        }
    }

    void writeInterim(Http2Stream stream, int status, HeaderFields fields) {
        Http2Headers headers = headers(status, fields.size());
        fields.forEach(headers::add);
        flushSoon();
        encoder()
                .writeHeaders(
                        context(), stream.id(), headers, 0, false, context().newPromise());
    }

    private static Http2Headers headers(int status, int lines) {
        return new DefaultHttp2Headers(false, lines + 1)
                .status(HttpResponseStatus.valueOf(status).codeAsText());
    }

    /** Writes the head of a response that has content: past the codec, which is only told that it has been sent. */
    void writeHead(Http2Stream stream, ResponseHead head) {
        ByteBuf frame = tableChanged ? null : path.heads().frame(context().alloc(), stream.id(), head, false);
        if (frame == null) {
            writeByCodec(stream, head, false);
            return;
        }
        flushSoon();
        stream.headersSent(false);
        context().write(frame, context().voidPromise());
    }

    /** Writes a response that is nothing but a head. */
    ChannelFuture writeWhole(Http2Stream stream, ResponseHead head) {
        return writeByCodec(stream, head, true);
    }

    private ChannelFuture writeByCodec(Http2Stream stream, ResponseHead head, boolean last) {
        tableChanged = false;
        Http2Headers headers = headers(head.status(), head.fields().size() + 5);
        path.lines().each(head, headers::add);
        flushSoon();
        return encoder()
                .writeHeaders(
                        context(), stream.id(), headers, 0, last, context().newPromise());
    }

    /** Notes that the client has set the size of its table, which the next head must answer (RFC 7541 section 4.2): the codec's does. */
    void tableChanged() {
        tableChanged = true;
    }

    ChannelFuture writeContent(Http2Stream stream, ByteBuf content, boolean last) {
        if (waiting++ == 0) {
            progress = System.nanoTime();
        }
        flushSoon();
        return encoder()
                .writeData(context(), stream.id(), content, 0, last, context().newPromise())
                .addListener(onSent);
    }

    private void sent(ChannelFuture frame) {
        waiting--;
        progress = System.nanoTime();
    }

    void reset(Http2Stream stream, Http2Error error) {
        flushSoon();
        resetStream(context(), stream.id(), error.code(), context().newPromise());
    }

    /** Opens the window by what was taken of a request's content. */
    void taken(Http2Stream stream, int size) {
        try {
            if (decoder().flowController().consumeBytes(stream, size)) {
                flushSoon();
            }
        } catch (Http2Exception e) {
            onError(context(), true, e);
        }
    }

    // ----------------------------------------------------------------------------------------------------- flushing

    private void flushSoon() {
        if (!unflushed && !inBatch) {
            unflushed = true;
            loop().execute(this);
        }
    }

    /** Flushes at the end of what the event loop now does; what was read together, the codec flushes itself. */
    @Override
    public void run() {
        unflushed = false;
        flush(context());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        inBatch = true;
        super.channelRead(context, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        inBatch = false;
        super.channelReadComplete(context);
    }

    // ------------------------------------------------------------------------------------------------------ the end

    @Override
    public void handlerAdded(ChannelHandlerContext context) throws Exception {
        here = context;
        super.handlerAdded(context);
        checkIn(context, Math.min(path.idleNanos(), path.stallNanos()));
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) throws Exception {
        if (check != null) {
            check.cancel(false);
        }
        super.handlerRemoved0(context);
    }

    private void checkIn(ChannelHandlerContext context, long nanos) {
        check = context.executor().schedule(() -> check(context), nanos, TimeUnit.NANOSECONDS);
    }

    private void check(ChannelHandlerContext context) {
        boolean active = connection().numActiveStreams() > 0;
        if (active && waiting == 0 && !waitsForClient()) {
            // it is we who are due to send something
            checkIn(context, Math.min(path.idleNanos(), path.stallNanos()));
            return;
        }
        long allowed = !active ? path.idleNanos() : waiting > 0 ? path.stallNanos() : path.readNanos();
        long left = allowed - (System.nanoTime() - progress);
        if (left > 0) {
            checkIn(context, left);
        } else if (active) {
            EdgeMetrics.http2Closed(ConnectionClosing.STALLED);
            context.close();
        } else {
            EdgeMetrics.http2Closed(ConnectionClosing.IDLE);
            goAway(
                            context,
                            connection().remote().lastStreamCreated(),
                            Http2Error.NO_ERROR.code(),
                            Unpooled.EMPTY_BUFFER,
                            context.newPromise())
                    .addListener(ChannelFutureListener.CLOSE);
            context.flush();
        }
    }

    /** Whether all that is under way waits for the client to send the rest of its request. */
    private boolean waitsForClient() {
        try {
            return connection().forEachActiveStream(stream -> {
                        Http2ClientStream known = find(stream);
                        return known != null && known.waitsForClient();
                    })
                    == null;
        } catch (Http2Exception e) {
            return false;
        }
    }

    /** Takes no more requests: what is under way is answered, and then the connection ends (RFC 9113 section 6.8). */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event == ConnectionEnd.STOP || event == ConnectionEnd.SOON) {
            context.channel().close();
        }
        super.userEventTriggered(context, event);
    }

    @Override
    protected void onConnectionError(
            ChannelHandlerContext context, boolean outbound, Throwable cause, @Nullable Http2Exception error) {
        EdgeMetrics.http2Closed(
                error != null && error.error() == Http2Error.ENHANCE_YOUR_CALM
                        ? ConnectionClosing.FLOOD
                        : ConnectionClosing.PROTOCOL);
        super.onConnectionError(context, outbound, cause, error);
    }

    @Override
    protected void onStreamError(
            ChannelHandlerContext context, boolean outbound, Throwable cause, Http2Exception.StreamException error) {
        EdgeMetrics.HTTP2_STREAM_ERRORS.inc();
        super.onStreamError(context, outbound, cause, error);
    }

    /** The client has gone, TLS has failed, or the codec has found an error, which it deals with. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
        if (cause instanceof Http2Exception || cause.getCause() instanceof Http2Exception) {
            super.exceptionCaught(context, cause);
        } else {
            context.close();
        }
    }
}
