package com.kingcdn.edge.web;

import com.kingcdn.edge.web.Http1Writer.Framing;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/** One request and its response on a connection of HTTP/1.1. */
final class Http1ClientStream implements ClientStream {

    /** Content that nobody wants is read over up to here; a client that sends more has to make a new connection. */
    private static final int DISCARDED = 64 * 1024;

    private static final ByteBuf CHUNK_END = Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(2).writeShort('\r' << 8 | '\n'))
            .asReadOnly();
    private static final ByteBuf LAST_CHUNK = Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(5).writeBytes(new byte[] {'0', '\r', '\n', '\r', '\n'}))
            .asReadOnly();

    /**
     * What a request says about its connection.
     *
     * @param keptAlive whether the client would send another one
     * @param expects whether it waits to be asked for the content (RFC 9110 section 10.1.1)
     */
    record Terms(boolean http10, boolean keptAlive, boolean expects) {

        /** Those of a plain request. */
        static final Terms PLAIN = new Terms(false, true, false);

        static Terms of(HttpRequest request) {
            return new Terms(
                    request.protocolVersion().equals(HttpVersion.HTTP_1_0),
                    HttpUtil.isKeepAlive(request),
                    HttpUtil.is100ContinueExpected(request));
        }
    }

    private final Http1Connection connection;
    private final ChannelHandlerContext context;
    private final Terms terms;
    private final IncomingContent incoming;
    private @Nullable ClientExchange exchange;
    private int discarded;
    private boolean begun;
    private boolean chunked;
    private boolean closing;
    private boolean over;

    /** @param received whether there is no content, or none to come */
    Http1ClientStream(Http1Connection connection, ChannelHandlerContext context, Terms terms, boolean received) {
        this.connection = connection;
        this.context = context;
        this.terms = terms;
        this.incoming = new IncomingContent(this, terms.expects(), received, size -> connection.readOn());
        this.closing = !terms.keptAlive();
    }

    @Override
    public ClientConnection connection() {
        return connection;
    }

    @Override
    public void attach(ClientExchange owner) {
        exchange = owner;
    }

    // ------------------------------------------------------------------------------------------------- the request

    @Override
    public ClientContent content(long limit) {
        return incoming.open(limit);
    }

    /** Takes a piece of the request's content. */
    void receive(ByteBuf piece, boolean last) {
        if (over || !incoming.isOpen()) {
            discarded += piece.readableBytes();
        }
        incoming.receive(piece, last);
        if (!last && over && discarded > DISCARDED) {
            connection.closeGently();
        }
    }

    /** Notes that no more of the request will come, though it should. */
    void breakOff(Throwable cause) {
        over = true;
        if (exchange != null) {
            exchange.gone();
        }
        incoming.breakOff(cause);
    }

    /** Whether all of the request is there. */
    boolean isReceived() {
        return incoming.isReceived();
    }

    /** Whether more of the request's content may come. */
    boolean takesContent() {
        return incoming.isDrained();
    }

    /** Whether both messages are over. */
    boolean isOver() {
        return over && incoming.isReceived();
    }

    boolean isClosing() {
        return closing;
    }

    // ------------------------------------------------------------------------------------------------ the response

    @Override
    public void interim(int status, HeaderFields fields) {
        if (!loop().inEventLoop()) {
            loop().execute(() -> interim(status, fields));
        } else if (!begun && !over && !terms.http10()) {
            connection.writer().interim(context, status, fields);
            connection.flushSoon();
        }
    }

    @Override
    public boolean hasBegun() {
        return begun;
    }

    @Override
    public void closeAfter() {
        closing = true;
    }

    @Override
    public void respond(ResponseHead head, ByteBuf piece) {
        connection.sends(piece.readableBytes());
        head(head, false, piece);
        finish();
    }

    @Override
    public void begin(ResponseHead head) {
        connection.sends(Long.MAX_VALUE);
        head(head, !head.saysLength() && !head.isBare(), Unpooled.EMPTY_BUFFER);
    }

    private void head(ResponseHead head, boolean open, ByteBuf piece) {
        if (over || begun) {
            piece.release();
            return;
        }
        begun = true;
        // no chunks in HTTP/1.0: the connection's end is the content's (RFC 9112 section 7.1)
        chunked = open && !terms.http10();
        if (open && terms.http10()) {
            closing = true;
            connection.endless();
        }
        closing |= connection.isLast() || incoming.waitsToBeAsked();
        connection.writer().write(context, head, framing(), piece);
        connection.flushSoon();
    }

    private Framing framing() {
        if (chunked) {
            return closing ? Framing.CHUNKED_CLOSE : Framing.CHUNKED;
        }
        if (closing) {
            return Framing.CLOSE;
        }
        return terms.http10() ? Framing.KEEP_ALIVE : Framing.PLAIN;
    }

    @Override
    public ChannelFuture write(ByteBuf piece, boolean last) {
        connection.flushSoon();
        if (!chunked) {
            return context.write(piece);
        }
        ByteBuf size = context.alloc().directBuffer(10);
        ByteBufUtil.writeAscii(size, Integer.toHexString(piece.readableBytes()));
        context.write(size.writeShort('\r' << 8 | '\n'), context.voidPromise());
        ChannelFuture written = context.write(piece);
        context.write(CHUNK_END.duplicate(), context.voidPromise());
        return written;
    }

    @Override
    public void end() {
        if (chunked) {
            context.write(LAST_CHUNK.duplicate(), context.voidPromise());
            connection.flushSoon();
        }
        finish();
    }

    private void finish() {
        if (!over) {
            over = true;
            connection.responded(this);
        }
    }

    @Override
    public void cut() {
        over = true;
        connection.cut();
    }
}
