package com.kingcdn.edge.web;

import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** One request and its response on a stream of HTTP/2 (RFC 9113 section 8.1). */
final class Http2ClientStream implements ClientStream {

    private final Http2ClientConnection connection;
    private final Http2Stream stream;
    private final IncomingContent incoming;
    private @Nullable ClientExchange exchange;
    private boolean begun;
    private boolean over;

    /**
     * For a request whose head is there.
     *
     * @param expects whether the client waits to be asked for the content (RFC 9110 section 10.1.1)
     * @param received whether there is no content
     */
    Http2ClientStream(Http2ClientConnection connection, Http2Stream stream, boolean expects, boolean received) {
        this.connection = connection;
        this.stream = stream;
        this.incoming = new IncomingContent(this, expects, received, size -> connection.taken(stream, size));
    }

    int id() {
        return stream.id();
    }

    @Override
    public ClientConnection connection() {
        return connection;
    }

    @Override
    public void attach(ClientExchange owner) {
        exchange = owner;
    }

    @Override
    public ClientContent content(long limit) {
        return incoming.open(limit);
    }

    /** Takes a piece of the request's content, which is then its own. */
    void receive(ByteBuf piece, boolean last) {
        incoming.receive(piece, last);
    }

    /** Whether the client is to send more of its request, and nothing of it waits for upstream. */
    boolean waitsForClient() {
        return !over && !incoming.isReceived() && incoming.isDrained();
    }

    /** Notes that the stream is closed, by whomever. */
    void closed() {
        boolean gone = !over;
        over = true;
        if (gone && exchange != null) {
            exchange.gone();
        }
        incoming.breakOff(new ClosedChannelException());
    }

    @Override
    public void interim(int status, HeaderFields fields) {
        if (!loop().inEventLoop()) {
            loop().execute(() -> interim(status, fields));
        } else if (!begun && !over) {
            connection.writeInterim(stream, status, fields);
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
    public void respond(ResponseHead head, ByteBuf piece) {
        if (over || begun) {
            piece.release();
            return;
        }
        begun = true;
        over = true;
        if (piece.isReadable()) {
            connection.writeHead(stream, head);
            finish(connection.writeContent(stream, piece, true));
        } else {
            piece.release();
            finish(connection.writeWhole(stream, head));
        }
    }

    @Override
    public void begin(ResponseHead head) {
        if (!over && !begun) {
            begun = true;
            connection.writeHead(stream, head);
        }
    }

    @Override
    public ChannelFuture write(ByteBuf piece, boolean last) {
        ChannelFuture written = connection.writeContent(stream, piece, last && !over);
        if (last && !over) {
            over = true;
            finish(written);
        }
        return written;
    }

    @Override
    public void end() {
        if (!over) {
            over = true;
            finish(connection.writeContent(stream, Unpooled.EMPTY_BUFFER, true));
        }
    }

    /** A client that still sends is told that nobody listens (RFC 9113 section 8.1), once it has its response. */
    private void finish(ChannelFuture written) {
        if (!incoming.isReceived()) {
            written.addListener(sent -> {
                if (!incoming.isReceived()) {
                    connection.reset(stream, Http2Error.NO_ERROR);
                }
            });
        }
    }

    @Override
    public void cut() {
        over = true;
        connection.reset(stream, Http2Error.INTERNAL_ERROR);
    }
}
