package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.netty.Connection;

/**
 * A response's content as it arrives: checked against its announced length, with a limit on silence that runs only while somebody
 * waits for more. A slow subscriber is no fault of the origin, which is why this is not a read timeout of the channel.
 */
final class ResponseBody extends Flux<ByteBuf> {

    private final Connection connection;
    private final long announced;
    private final long idleNanos;
    private final Runnable atEnd;
    private final EventLoop loop;
    private final AtomicBoolean subscribed = new AtomicBoolean();

    /**
     * Of a response whose head has been read.
     *
     * @param announced bytes that must come, or -1 when nobody said
     * @param atEnd called once, when the exchange is over in any way
     */
    ResponseBody(Connection connection, long announced, long idleNanos, Runnable atEnd) {
        this.connection = connection;
        this.announced = announced;
        this.idleNanos = idleNanos;
        this.atEnd = atEnd;
        // asked for now: a connection that went back to the pool forgets its channel
        this.loop = connection.channel().eventLoop();
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        if (subscribed.compareAndSet(false, true)) {
            connection.inbound().receive().subscribe(new Receiver(actual));
        } else {
            Operators.error(actual, new IllegalStateException("a response's content can be had once"));
        }
    }

    /** All its state belongs to the channel's event loop, where Reactor Netty calls; {@code request} and {@code cancel} hop onto it. */
    private final class Receiver implements CoreSubscriber<ByteBuf>, Subscription {

        private final CoreSubscriber<? super ByteBuf> actual;
        private final AtomicBoolean cancelled = new AtomicBoolean();
        private @Nullable Subscription upstream;
        private @Nullable Future<?> watch;
        private long received;
        private long wanted;
        private long waitingSince;
        private boolean done;

        Receiver(CoreSubscriber<? super ByteBuf> actual) {
            this.actual = actual;
        }

        @Override
        public reactor.util.context.Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            upstream = subscription;
            actual.onSubscribe(this);
        }

        @Override
        public void onNext(ByteBuf buffer) {
            if (done || cancelled.get()) {
                return;
            }
            int size = buffer.readableBytes();
            received += size;
            if (announced >= 0 && received > announced) {
                abort(Kind.PROTOCOL, "more bytes came than the " + announced + " announced");
                return;
            }
            UpstreamMetrics.RECEIVED_BYTES.inc(size);
            waitingSince = System.nanoTime();
            if (wanted != Long.MAX_VALUE) {
                wanted--;
            }
            // Reactor Netty releases its own reference after this call
            actual.onNext(buffer.retain());
        }

        @Override
        public void onError(Throwable failure) {
            if (finish()) {
                Kind kind = failure instanceof DecoderException ? Kind.PROTOCOL : Kind.TRUNCATED;
                fail(kind, "the origin's content failed after " + received + " bytes: " + failure);
            }
        }

        @Override
        public void onComplete() {
            if (!finish()) {
                return;
            }
            if (announced >= 0 && received < announced) {
                fail(Kind.TRUNCATED, "the origin's content ended after " + received + " of " + announced + " bytes");
            } else {
                actual.onComplete();
            }
        }

        @Override
        public void request(long n) {
            if (!Operators.validate(n)) {
                return;
            }
            if (loop.inEventLoop()) {
                want(n);
            } else {
                loop.execute(() -> want(n));
            }
        }

        private void want(long n) {
            if (done || upstream == null) {
                return;
            }
            if (wanted == 0) {
                waitingSince = System.nanoTime();
            }
            wanted = Operators.addCap(wanted, n);
            if (watch == null) {
                watch(idleNanos);
            }
            upstream.request(n);
        }

        /** One timer for the whole content instead of one for each buffer: it looks when the limit could first be reached. */
        private void watch(long nanos) {
            watch = loop.schedule(this::checkSilence, nanos, TimeUnit.NANOSECONDS);
        }

        private void checkSilence() {
            if (done) {
                return;
            }
            if (wanted == 0) {
                watch(idleNanos);
                return;
            }
            long left = idleNanos - (System.nanoTime() - waitingSince);
            if (left > 0) {
                watch(left);
            } else {
                abort(
                        Kind.IDLE_TIMEOUT,
                        "the origin was silent for " + TimeUnit.NANOSECONDS.toMillis(idleNanos) + " ms" + " after "
                                + received + " bytes of content");
            }
        }

        @Override
        public void cancel() {
            if (!cancelled.compareAndSet(false, true)) {
                return;
            }
            if (loop.inEventLoop()) {
                stop();
            } else {
                loop.execute(this::stop);
            }
        }

        private void stop() {
            if (finish() && upstream != null) {
                upstream.cancel();
            }
        }

        private void abort(Kind kind, String message) {
            if (finish()) {
                if (upstream != null) {
                    upstream.cancel();
                }
                connection.dispose();
                fail(kind, message);
            }
        }

        private boolean finish() {
            if (done) {
                return false;
            }
            done = true;
            if (watch != null) {
                watch.cancel(false);
            }
            atEnd.run();
            return true;
        }

        private void fail(Kind kind, String message) {
            UpstreamMetrics.bodyFailed(kind);
            actual.onError(new UpstreamException(kind, false, message));
        }
    }
}
