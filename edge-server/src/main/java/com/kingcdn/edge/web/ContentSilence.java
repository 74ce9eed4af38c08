package com.kingcdn.edge.web;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How long a client has been silent inside a request's content; one that is so for too long is cut off. What we do not ask for, because
 * the origin is slow to take it, is no silence of the client's. Belongs to the connection's event loop.
 */
final class ContentSilence {

    private final long mostNanos;
    private final BooleanSupplier awaited;
    private long since;
    private @Nullable Future<?> check;

    /** @param awaited whether content is still to come */
    ContentSilence(long mostNanos, BooleanSupplier awaited) {
        this.mostNanos = mostNanos;
        this.awaited = awaited;
    }

    /** It begins now: something has come, or we have begun to ask for more. */
    void begin() {
        since = System.nanoTime();
    }

    /** Looks after it as long as content is to come. */
    void watch(ChannelHandlerContext context) {
        if (check == null) {
            lookIn(context, mostNanos);
        }
    }

    /** Looks after it no more. */
    void forget() {
        if (check != null) {
            check.cancel(false);
        }
    }

    private void lookIn(ChannelHandlerContext context, long nanos) {
        check = context.executor().schedule(() -> look(context), nanos, TimeUnit.NANOSECONDS);
    }

    private void look(ChannelHandlerContext context) {
        check = null;
        if (!awaited.getAsBoolean()) {
            return;
        }
        boolean reading = context.channel().config().isAutoRead();
        long left = reading ? mostNanos - (System.nanoTime() - since) : mostNanos;
        if (left > 0) {
            lookIn(context, left);
        } else {
            context.channel().close();
        }
    }
}
