package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.EdgeResponse;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * A response's content on its way to the client, at the client's pace.
 *
 * <p>Buffers are asked for one at a time, and only while less than {@value #WINDOW} bytes wait in the channel: a slow client then holds
 * two blocks of the cache, whatever the size of the response. Content that fails, or is not as long as the head said, cuts the response:
 * a client must not take a part for the whole. State belongs to the stream's event loop; signals from other threads hop onto it in their
 * order.
 */
final class BodyWriter implements CoreSubscriber<ByteBuf>, Runnable {

    private static final int WINDOW = 512 * 1024;

    private final ClientExchange exchange;
    private final ClientStream stream;
    private final Runnable abandon;
    private final long length;
    private final EventExecutor loop;
    private final AtomicInteger hops = new AtomicInteger();
    private @Nullable Subscription source;
    private long written;
    private long waiting;
    private boolean requested;
    private boolean pumping;
    private boolean done;

    /**
     * Of a response whose head has been written.
     *
     * @param length that the head has announced, or -1
     */
    BodyWriter(ClientExchange exchange, EdgeResponse.Streamed content, long length) {
        this.exchange = exchange;
        this.stream = exchange.stream();
        this.abandon = content.abandon();
        this.length = length;
        this.loop = stream.loop();
    }

    /** Gives it up: the client has gone. */
    @Override
    public void run() {
        stop(false);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        source = subscription;
        hop(this::pump);
    }

    @Override
    public void onNext(ByteBuf buffer) {
        if (isDirect()) {
            write(buffer);
        } else {
            later(() -> write(buffer));
        }
    }

    @Override
    public void onError(Throwable failure) {
        hop(this::cut);
    }

    @Override
    public void onComplete() {
        hop(this::complete);
    }

    private boolean isDirect() {
        return loop.inEventLoop() && hops.get() == 0;
    }

    private void hop(Runnable action) {
        if (isDirect()) {
            action.run();
        } else {
            later(action);
        }
    }

    private void later(Runnable action) {
        hops.incrementAndGet();
        loop.execute(() -> {
            hops.decrementAndGet();
            action.run();
        });
    }

    private void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        while (!done && !requested && waiting < WINDOW && source != null) {
            requested = true;
            source.request(1);
        }
        pumping = false;
    }

    private void write(ByteBuf buffer) {
        int size = buffer.readableBytes();
        if (done || (length >= 0 && written + size > length)) {
            buffer.release();
            cut();
            return;
        }
        requested = false;
        written += size;
        waiting += size;
        exchange.sent(size);
        ChannelFuture future = stream.write(buffer, written == length);
        if (future.isDone()) {
            settle(future, size);
        } else {
            future.addListener(finished -> settle((ChannelFuture) finished, size));
        }
        pump();
    }

    private void settle(ChannelFuture future, int size) {
        waiting -= size;
        if (future.isSuccess()) {
            pump();
        } else {
            cut();
        }
    }

    private void complete() {
        if (length >= 0 && written < length) {
            cut();
        } else if (stop(true)) {
            stream.end();
        }
    }

    private void cut() {
        if (stop(false)) {
            stream.cut();
        }
    }

    private boolean stop(boolean whole) {
        if (done) {
            return false;
        }
        done = true;
        if (!whole && source != null) {
            source.cancel();
        }
        abandon.run();
        exchange.end(whole, written);
        return true;
    }
}
