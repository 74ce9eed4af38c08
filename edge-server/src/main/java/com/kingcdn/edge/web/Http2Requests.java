package com.kingcdn.edge.web;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The frames of a client's HTTP/2 connection, put together to requests. Counts those of which nobody needs many. */
final class Http2Requests extends Http2EventAdapter {

    /** Control frames a second that nobody needs, and how many at once. */
    private static final long CONTROL_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1) / 10;

    private static final long CONTROL_BURST_NANOS = 200 * CONTROL_INTERVAL_NANOS;

    private final Http2ClientConnection connection;
    private final EdgeHandler edge;
    private long controlDebt = System.nanoTime();

    Http2Requests(Http2ClientConnection connection, EdgeHandler edge) {
        this.connection = connection;
        this.edge = edge;
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context,
            int streamId,
            Http2Headers headers,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean last) {
        onHeadersRead(context, streamId, headers, padding, last);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext context, int streamId, Http2Headers headers, int padding, boolean last) {
        connection.progress();
        Http2Stream stream = connection.connection().stream(streamId);
        if (stream == null) {
            return;
        }
        if (!FramedFields.areClean(headers)) {
            EdgeMetrics.HTTP2_STREAM_ERRORS.inc();
            connection.reset(stream, Http2Error.PROTOCOL_ERROR);
            return;
        }
        Http2ClientStream known = connection.find(stream);
        if (known != null) {
            // trailers, which are read over
            known.receive(Unpooled.EMPTY_BUFFER, last);
            return;
        }
        RequestHead head = FramedFields.head(headers, last);
        edge.handle(connection.begin(stream, FramedFields.expectsContinue(head), last), head);
    }

    @Override
    public int onDataRead(ChannelHandlerContext context, int streamId, ByteBuf data, int padding, boolean last) {
        connection.progress();
        Http2ClientStream known = find(streamId);
        if (known == null) {
            return data.readableBytes() + padding;
        }
        known.receive(data.retain(), last);
        return padding;
    }

    private @Nullable Http2ClientStream find(int streamId) {
        Http2Stream stream = connection.connection().stream(streamId);
        return stream == null ? null : connection.find(stream);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) throws Http2Exception {
        if (settings.headerTableSize() != null) {
            connection.tableChanged();
        }
        count();
    }

    @Override
    public void onPingRead(ChannelHandlerContext context, long data) throws Http2Exception {
        count();
    }

    /** RFC 9113 section 5.3.2: deprecated. */
    @Override
    public void onPriorityRead(
            ChannelHandlerContext context, int streamId, int dependency, short weight, boolean exclusive)
            throws Http2Exception {
        count();
    }

    @Override
    public void onUnknownFrame(
            ChannelHandlerContext context, byte type, int streamId, Http2Flags flags, ByteBuf payload)
            throws Http2Exception {
        count();
    }

    /** Counts a control frame. */
    private void count() throws Http2Exception {
        long now = System.nanoTime();
        controlDebt = Math.max(controlDebt, now) + CONTROL_INTERVAL_NANOS;
        if (controlDebt - now > CONTROL_BURST_NANOS) {
            throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too many control frames");
        }
    }
}
