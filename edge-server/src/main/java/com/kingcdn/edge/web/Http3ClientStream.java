package com.kingcdn.edge.web;

import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3Exception;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its response on a stream of HTTP/3 (RFC 9114 section 4.1), behind Netty's codec.
 *
 * <p>That a stream ends comes apart from what it brings. So a request that announces no content waits for the end, or for content, before
 * it is handled; the head's timeout covers that. Reading stops while content waits for upstream, which closes the stream's window. The
 * stream's end would overtake what is in the channel's own queue, and waits for the {@linkplain OutgoingFrames frames} before it.
 */
final class Http3ClientStream extends ChannelInboundHandlerAdapter implements ClientStream {

    private static final Logger LOG = LoggerFactory.getLogger(Http3ClientStream.class);

    private final Http3Connection connection;
    private final QuicStreamChannel channel;
    private final OutgoingFrames outgoing;
    private @Nullable RequestHead head;
    private @Nullable IncomingContent incoming;
    private @Nullable ClientExchange exchange;
    private @Nullable Future<?> headTimeout;
    private boolean begun;
    private boolean over;
    private boolean written;
    private boolean reset;

    Http3ClientStream(Http3Connection connection, QuicStreamChannel channel) {
        this.connection = connection;
        this.channel = channel;
        // refused when the client wants no more of it (RFC 9114 section 4.1.1)
        this.outgoing = new OutgoingFrames(connection, this::allSent, () -> reset(Http3ErrorCode.H3_REQUEST_CANCELLED));
    }

    long id() {
        return channel.streamId();
    }

    @Override
    public ClientConnection connection() {
        return connection;
    }

    @Override
    public void attach(ClientExchange owner) {
        exchange = owner;
    }

    // -------------------------------------------------------------------------------------------------- the request

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        outgoing.open(context);
        if (!connection.open(this)) {
            reset(Http3ErrorCode.H3_REQUEST_REJECTED);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (reset) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof Http3HeadersFrame frame) {
            connection.progress();
            receive(frame.headers());
        } else if (message instanceof Http3DataFrame frame) {
            receive(frame.content());
        } else {
            ReferenceCountUtil.release(message);
            connection.useless();
        }
    }

    private void receive(Http3Headers headers) {
        boolean trailers = head != null;
        if (!FramedFields.areClean(headers) || trailers == (headers.method() != null)) {
            malformed();
            return;
        }
        if (trailers) {
            // which are read over
            return;
        }
        RequestHead request = FramedFields.head(headers, true);
        head = request;
        String length = request.fields().first("content-length");
        if (FramedFields.expectsContinue(request) || (length != null && !length.equals("0"))) {
            handle(request, true);
        }
    }

    private void receive(ByteBuf content) {
        if (content.isReadable()) {
            connection.progress();
        } else {
            connection.useless();
        }
        RequestHead waiting = head;
        if (incoming == null && waiting != null) {
            handle(waiting, true);
        }
        IncomingContent target = incoming;
        if (target == null) {
            content.release();
            return;
        }
        target.receive(content, false);
        readOn();
    }

    /** Nothing more comes, and all that was announced has come. */
    private void ended() {
        RequestHead waiting = head;
        if (waiting == null) {
            reset(Http3ErrorCode.H3_REQUEST_INCOMPLETE);
        } else if (incoming == null) {
            handle(waiting, false);
        } else {
            incoming.receive(Unpooled.EMPTY_BUFFER, true);
        }
    }

    private void handle(RequestHead request, boolean contentFollows) {
        if (headTimeout != null) {
            headTimeout.cancel(false);
        }
        incoming = new IncomingContent(this, FramedFields.expectsContinue(request), !contentFollows, size -> readOn());
        connection.path().edge().handle(this, contentFollows ? request.withContent() : request);
    }

    @Override
    public ClientContent content(long limit) {
        IncomingContent target = incoming;
        if (target == null) {
            throw new IllegalStateException("no request yet");
        }
        return target.open(limit);
    }

    private void readOn() {
        IncomingContent target = incoming;
        boolean wanted = target == null || target.isReceived() || target.isDrained();
        if (wanted != channel.config().isAutoRead()) {
            channel.config().setAutoRead(wanted);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (incoming == null && headTimeout == null && !reset) {
            headTimeout = loop().schedule(
                            () -> reset(Http3ErrorCode.H3_REQUEST_INCOMPLETE),
                            connection.path().headNanos(),
                            TimeUnit.NANOSECONDS);
        }
        context.fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ChannelInputShutdownReadComplete.INSTANCE && !reset) {
            ended();
        }
        context.fireUserEventTriggered(event);
    }

    /** Whether the client is to send more of its request, and nothing of it waits for upstream. */
    boolean waitsForClient() {
        IncomingContent target = incoming;
        return !over && (target == null || (!target.isReceived() && target.isDrained()));
    }

    // ------------------------------------------------------------------------------------------------- the response

    @Override
    public void interim(int status, HeaderFields fields) {
        if (!loop().inEventLoop()) {
            loop().execute(() -> interim(status, fields));
        } else if (!begun && !over) {
            Http3Headers headers = headers(status, fields.size());
            fields.forEach(headers::add);
            send(new DefaultHttp3HeadersFrame(headers));
        }
    }

    @Override
    public boolean hasBegun() {
        return begun;
    }

    /** Other streams are none of its business: what came before on this connection was framed. */
    @Override
    public void closeAfter() {}

    @Override
    public void respond(ResponseHead response, ByteBuf piece) {
        if (over || begun) {
            piece.release();
            return;
        }
        begin(response);
        if (piece.isReadable()) {
            write(piece, true);
        } else {
            piece.release();
            end();
        }
    }

    @Override
    public void begin(ResponseHead response) {
        if (!over && !begun) {
            begun = true;
            Http3Headers headers = headers(response.status(), response.fields().size() + 5);
            connection.path().lines().each(response, headers::add);
            send(new DefaultHttp3HeadersFrame(headers));
        }
    }

    private static Http3Headers headers(int status, int lines) {
        return new DefaultHttp3Headers(false, lines + 1)
                .status(HttpResponseStatus.valueOf(status).codeAsText());
    }

    @Override
    public ChannelFuture write(ByteBuf piece, boolean last) {
        if (last) {
            over = true;
            written = true;
        }
        // the codec sends what lies before the reader's index, too
        return send(new DefaultHttp3DataFrame(piece.readerIndex() == 0 ? piece : piece.slice()));
    }

    private ChannelFuture send(Object frame) {
        return outgoing.send(channel.newPromise(), frame);
    }

    private void allSent() {
        if (written) {
            finish();
        }
    }

    @Override
    public void end() {
        if (!over) {
            over = true;
            written = true;
            if (!outgoing.isWriting()) {
                finish();
            }
        }
    }

    /** Ends the stream. A client that still sends is told that nobody listens (RFC 9114 section 4.1). */
    private void finish() {
        if (reset) {
            return;
        }
        channel.shutdownOutput();
        IncomingContent target = incoming;
        if (target != null && !target.isReceived()) {
            reset = true;
            outgoing.close();
            connection.leftOpen();
            channel.shutdownInput(Http3ErrorCode.H3_NO_ERROR.code());
            channel.close();
        }
    }

    @Override
    public void cut() {
        reset(Http3ErrorCode.H3_INTERNAL_ERROR);
    }

    // ------------------------------------------------------------------------------------------------------ the end

    private void malformed() {
        EdgeMetrics.HTTP3_STREAM_ERRORS.inc();
        reset(Http3ErrorCode.H3_MESSAGE_ERROR);
    }

    private void reset(Http3ErrorCode code) {
        if (reset) {
            return;
        }
        reset = true;
        over = true;
        connection.useless();
        if (!channel.isInputShutdown()) {
            connection.leftOpen();
        }
        outgoing.close();
        channel.shutdown(code.code(), channel.newPromise());
        channel.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof QuicException) {
            // the client has broken its request off
            reset(Http3ErrorCode.H3_REQUEST_CANCELLED);
            return;
        }
        if (cause instanceof Http3Exception error && error.errorCode() != Http3ErrorCode.H3_MESSAGE_ERROR) {
            EdgeMetrics.http3Closed(ConnectionClosing.PROTOCOL);
        }
        LOG.debug("a request of HTTP/3 cannot be read", cause);
        malformed();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closed();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        closed();
    }

    private void closed() {
        reset = true;
        outgoing.close();
        if (headTimeout != null) {
            headTimeout.cancel(false);
        }
        boolean gone = !over || !written;
        over = true;
        connection.closed(this);
        if (gone && exchange != null) {
            exchange.gone();
        }
        if (incoming != null) {
            incoming.breakOff(new ClosedChannelException());
        }
    }
}
