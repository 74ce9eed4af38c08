package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.edge.web.EdgeHandler.Look;
import com.kingcdn.edge.web.HeadReader.Head;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Takes plain requests of HTTP/1.1 from their octets, before the decoder sees them.
 *
 * <p>What such a request costs is for the greater part the machinery that carries all the others: header objects, a state for content, a
 * chain of handlers. None of that is needed to compare some octets and to write others. Hits that lie in memory are answered here;
 * what has to be fetched begins here, too. Whatever is not that simple goes on as it came: all that {@link HeadReader} does not take,
 * what comes behind a request that is under way, and all requests of a client that does not take what it is sent.
 */
final class PlainRequests extends ChannelInboundHandlerAdapter {

    private final Http1Path path;
    private final Http1Connection connection;
    private final String scheme;
    private @Nullable Head last;

    /** For one connection, of which it sees the octets before its decoder. */
    PlainRequests(Http1Path path, Http1Connection connection) {
        this.path = path;
        this.connection = connection;
        this.scheme = connection.tls() == null ? "http" : "https";
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (connection.isClosing()) {
            ReferenceCountUtil.release(message);
            return;
        }
        connection.receiving();
        try {
            if (message instanceof ByteBuf received && connection.takesPlainRequests()) {
                received.skipBytes(take(context, received));
                if (!received.isReadable()) {
                    received.release();
                    return;
                }
            }
            context.fireChannelRead(message);
        } finally {
            connection.received();
        }
    }

    /** Takes the plain requests that stand in front. @return how many octets they are */
    private int take(ChannelHandlerContext context, ByteBuf received) {
        HeadReader reader = path.reader();
        reader.load(received);
        long start = System.nanoTime();
        while (connection.takesRequests()) {
            Head head = reader.read(last, scheme);
            if (head == null) {
                break;
            }
            last = head;
            reader.skip(head);
            Look look = path.edge().look(head.request(), connection.tls());
            EdgeResponse answer = look.inOnePiece();
            if (answer == null) {
                connection.handle(head.request(), look);
                continue;
            }
            write(context, answer);
            long now = System.nanoTime();
            path.edge().answered(head.request(), look, answer, now - start, connection.client());
            connection.answered(now);
            start = now;
        }
        return reader.skipped();
    }

    private void write(ChannelHandlerContext context, EdgeResponse answer) {
        ByteBuf content = answer.body() instanceof EdgeResponse.Whole whole ? whole.content() : Unpooled.EMPTY_BUFFER;
        connection.sends(content.readableBytes());
        path.writer().write(context, ResponseHead.of(answer), Http1Writer.Framing.PLAIN, content);
    }
}
