package com.kingcdn.edge.web;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpContent;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A response's content on its way to the client, at the client's pace.
 *
 * <p>Buffers are asked for one at a time, and only while less than {@value #WINDOW} bytes wait in the channel: a slow client then holds
 * two blocks of the cache, whatever the size of the response. (Reactor Netty's own sender asks for 128.) Content that fails, or is
 * not as long as the head said, cuts the connection: a client must not take a part for the whole.
 */
final class BodyWriter extends Mono<Void> {

    private static final int WINDOW = 512 * 1024;

    private final Channel channel;
    private final Flux<ByteBuf> content;
    private final long length;
    private final ObjLongConsumer<Boolean> atEnd;

    /**
     * Of a response whose head has been sent.
     *
     * @param length that the head has announced, or -1
     * @param atEnd told once whether the content was whole, and how many bytes of it were written
     */
    BodyWriter(Channel channel, Flux<ByteBuf> content, long length, ObjLongConsumer<Boolean> atEnd) {
        this.channel = channel;
        this.content = content;
        this.length = length;
        this.atEnd = atEnd;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Void> actual) {
        content.subscribe(new Pump(actual));
    }

    /** State belongs to the channel's event loop; signals from other threads hop onto it in their order. */
    private final class Pump implements CoreSubscriber<ByteBuf>, Subscription, ChannelFutureListener {

        private final CoreSubscriber<? super Void> actual;
        private final EventLoop loop = channel.eventLoop();
        private final AtomicInteger hops = new AtomicInteger();
        private final AtomicBoolean cancelled = new AtomicBoolean();
        private @Nullable Subscription source;
        private long written;
        private long waiting;
        private boolean requested;
        private boolean pumping;
        private boolean unflushed;
        private boolean done;

        Pump(CoreSubscriber<? super Void> actual) {
            this.actual = actual;
        }

        @Override
        public reactor.util.context.Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            source = subscription;
            actual.onSubscribe(this);
            run(this::pump);
        }

        @Override
        public void onNext(ByteBuf buffer) {
            if (isDirect()) {
                write(buffer);
            } else {
                hop(() -> write(buffer));
            }
        }

        @Override
        public void onError(Throwable failure) {
            run(this::cut);
        }

        @Override
        public void onComplete() {
            run(this::complete);
        }

        @Override
        public void request(long n) {
            // a Mono<Void> has nothing to send but its end
        }

        @Override
        public void cancel() {
            if (cancelled.compareAndSet(false, true)) {
                run(() -> stop(false));
            }
        }

        private boolean isDirect() {
            return loop.inEventLoop() && hops.get() == 0;
        }

        private void run(Runnable action) {
            if (isDirect()) {
                action.run();
            } else {
                hop(action);
            }
        }

        private void hop(Runnable action) {
            hops.incrementAndGet();
            loop.execute(() -> {
                hops.decrementAndGet();
                action.run();
            });
        }

        private void pump() {
            if (pumping || done) {
                return;
            }
            pumping = true;
            while (!done && !requested && waiting < WINDOW && source != null) {
                requested = true;
                source.request(1);
            }
            pumping = false;
            if (unflushed) {
                unflushed = false;
                channel.flush();
            }
        }

        private void write(ByteBuf buffer) {
            int size = buffer.readableBytes();
            if (done || cancelled.get() || (length >= 0 && written + size > length)) {
                buffer.release();
                cut();
                return;
            }
            requested = false;
            written += size;
            waiting += size;
            unflushed = true;
            ChannelFuture future = channel.write(new DefaultHttpContent(buffer));
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

        @Override
        public void operationComplete(ChannelFuture future) {
            actual.onComplete();
        }

        private void complete() {
            if (length >= 0 && written < length) {
                cut();
            } else if (stop(true)) {
                actual.onComplete();
            }
        }

        private void cut() {
            if (stop(false)) {
                channel.close().addListener(this);
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
            atEnd.accept(whole, written);
            return true;
        }
    }
}
