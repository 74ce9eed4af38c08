package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.EdgeResponse;
import com.kingcdn.edge.web.HeadReader.Head;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Answers hits that lie in memory before the codec and Reactor Netty see them.
 *
 * <p>Two thirds of what such a request costs is the machinery that carries all the others: header objects, a reactive chain, its
 * observers, its end. None of that is needed to compare some octets and to write others. Whatever is not that simple goes on as it
 * came: all that {@link HeadReader} does not take, misses, content in pieces, requests behind others, and all requests of a client
 * that does not take what it is sent. For what stands behind it, the requests answered here have never been.
 */
final class HitHandler extends ChannelInboundHandlerAdapter {

    private final HitPath path;
    private final String scheme;
    private final StrictHttpCodec codec;
    private final ConnectionGuard guard;
    private final @Nullable TlsConnection tls;
    private @Nullable Head last;
    private boolean answered;
    private boolean passed;
    private boolean waiting;

    /** For one connection, in the clear when tls is null, of which it sees the octets before its codec. */
    HitHandler(HitPath path, @Nullable TlsConnection tls, StrictHttpCodec codec, ConnectionGuard guard) {
        this.path = path;
        this.tls = tls;
        this.scheme = tls == null ? "http" : "https";
        this.codec = codec;
        this.guard = guard;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf received && guard.isQuiet() && codec.isBetweenRequests()) {
            received.skipBytes(answer(context, received));
            if (!received.isReadable()) {
                received.release();
                return;
            }
        }
        passed = true;
        context.fireChannelRead(message);
    }

    /** Answers the hits that stand in front. @return how many octets they are */
    private int answer(ChannelHandlerContext context, ByteBuf received) {
        HeadReader reader = path.reader();
        reader.load(received);
        long start = System.nanoTime();
        while (context.channel().isWritable()) {
            Head head = reader.read(last, scheme);
            if (head == null) {
                break;
            }
            last = head;
            EdgeResponse answer = covers(head) ? path.edge().hit(head.request()) : null;
            if (answer == null) {
                break;
            }
            reader.skip(head);
            path.writer().write(context, answer);
            long now = System.nanoTime();
            path.edge().answered(head.request(), answer, now - start, client(context));
            guard.answered(now);
            answered = true;
            start = now;
        }
        return reader.skipped();
    }

    private boolean covers(Head head) {
        return tls == null || tls.covers(head.request());
    }

    private static @Nullable InetAddress client(ChannelHandlerContext context) {
        return context.channel().remoteAddress() instanceof InetSocketAddress address ? address.getAddress() : null;
    }

    /** One flush for all that one read brought. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        boolean tell = passed || !answered;
        passed = false;
        if (answered) {
            answered = false;
            context.flush();
        }
        if (tell) {
            context.fireChannelReadComplete();
        } else {
            readOn(context);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (waiting) {
            waiting = false;
            readOn(context);
        }
        context.fireChannelWritabilityChanged();
    }

    /** The read that those behind have asked for is still to come: asked for again once the client takes what it gets. */
    private void readOn(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            context.read();
        } else {
            waiting = true;
        }
    }

    /** A client that breaks its connection off between requests is no error; the channel closes by itself. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException && guard.isQuiet() && codec.isBetweenRequests()) {
            context.close();
        } else {
            context.fireExceptionCaught(cause);
        }
    }
}
