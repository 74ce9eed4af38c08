package com.kingcdn.edge.web;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A connection on which nothing may happen for long, or it is closed: one timer for its whole life. Of its event loop. */
final class IdleConnection {

    private final long mostNanos;
    private final LongSupplier quietSince;
    private @Nullable Future<?> check;

    /** @param quietSince the {@link System#nanoTime} since which nothing has happened */
    IdleConnection(long mostNanos, LongSupplier quietSince) {
        this.mostNanos = mostNanos;
        this.quietSince = quietSince;
    }

    /** Looks after it from now on. */
    void watch(ChannelHandlerContext context) {
        lookIn(context, mostNanos);
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
        long left = mostNanos - (System.nanoTime() - quietSince.getAsLong());
        if (left > 0) {
            lookIn(context, left);
        } else {
            context.close();
        }
    }
}
