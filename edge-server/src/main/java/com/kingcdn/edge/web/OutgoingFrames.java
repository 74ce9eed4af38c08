package com.kingcdn.edge.web;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The frames of one stream of HTTP/3 on their way out, each written when the one before has left: a buffer's release brings the next
 * piece of content, and the channel's own queue bears no writing from within that. Belongs to the connection's event loop.
 */
final class OutgoingFrames {

    private final Http3Connection connection;
    private final Runnable allSent;
    private final Runnable refused;
    private final ChannelFutureListener onSent = this::sent;
    private final Deque<Outgoing> waiting = new ArrayDeque<>(4);
    private @Nullable ChannelHandlerContext context;
    private boolean writing;

    /** What waits until the frame before it has left. */
    private record Outgoing(Object frame, ChannelPromise promise) {}

    /**
     * Of a stream that is not {@link #open} yet.
     *
     * @param allSent run when a frame has left and none waits
     * @param refused run when a frame could not be sent
     */
    OutgoingFrames(Http3Connection connection, Runnable allSent, Runnable refused) {
        this.connection = connection;
        this.allSent = allSent;
        this.refused = refused;
    }

    void open(ChannelHandlerContext handler) {
        context = handler;
    }

    /** Whether a frame is on its way. */
    boolean isWriting() {
        return writing;
    }

    /** Sends a frame in its turn, or drops it when the stream is {@link #close closed}. */
    ChannelFuture send(ChannelPromise promise, Object frame) {
        ChannelHandlerContext open = context;
        if (open == null) {
            ReferenceCountUtil.release(frame);
            return promise.setFailure(new ClosedChannelException());
        }
        connection.writing();
        promise.addListener(onSent);
        if (writing) {
            waiting.add(new Outgoing(frame, promise));
        } else {
            writing = true;
            open.write(frame, promise);
        }
        return promise;
    }

    private void sent(ChannelFuture frame) {
        writing = false;
        connection.written();
        ChannelHandlerContext open = context;
        if (!frame.isSuccess() || open == null) {
            refused.run();
            return;
        }
        Outgoing next = waiting.poll();
        if (next != null) {
            writing = true;
            open.write(next.frame(), next.promise());
        } else {
            allSent.run();
        }
    }

    /** Drops what waits, and whatever comes. */
    void close() {
        context = null;
        for (Outgoing next = waiting.poll(); next != null; next = waiting.poll()) {
            ReferenceCountUtil.release(next.frame());
            next.promise().setFailure(new ClosedChannelException());
        }
    }
}
