package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * A response's content as it arrives, at the pace of its one subscriber: while nothing is asked for, nothing is read. The limit on
 * silence runs only while somebody waits for more: a slow subscriber is no fault of the origin.
 *
 * <p>All its state belongs to the event loop of the connection; {@code request} and {@code cancel} hop onto it.
 */
final class ResponseContent extends Flux<ByteBuf> implements Subscription {

    private final OriginConnection connection;
    private final EventLoop loop;
    private final long announced;
    private final long idleNanos;
    private final OriginExchange.Listener listener;
    private final AtomicBoolean subscribed = new AtomicBoolean();
    private volatile boolean cancelled;

    private @Nullable CoreSubscriber<? super ByteBuf> actual;

    /** Whether the subscriber has its subscription, so that it may be told of the end. */
    private boolean ready;

    private long wanted;
    private long received;
    private boolean over;
    private @Nullable UpstreamException failure;

    /** Of a response whose head has been read. */
    ResponseContent(OriginConnection connection, long announced, long idleNanos, OriginExchange.Listener listener) {
        this.connection = connection;
        this.loop = connection.channel().eventLoop();
        this.announced = announced;
        this.idleNanos = idleNanos;
        this.listener = listener;
        UpstreamMetrics.IN_FLIGHT.inc();
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> subscriber) {
        if (!subscribed.compareAndSet(false, true)) {
            Operators.error(subscriber, new IllegalStateException("a response's content can be had once"));
            return;
        }
        actual = subscriber;
        subscriber.onSubscribe(this);
        if (loop.inEventLoop()) {
            ready();
        } else {
            loop.execute(this::ready);
        }
    }

    /** See {@link UpstreamResponse#takeWhole}. */
    @Nullable
    ByteBuf takeWhole(int most) {
        if (announced <= 0 || announced > most || !loop.inEventLoop() || !subscribed.compareAndSet(false, true)) {
            return null;
        }
        ByteBuf whole = connection.takeWhole(this, (int) announced);
        if (whole == null) {
            subscribed.set(false);
        } else {
            note(whole.readableBytes());
        }
        return whole;
    }

    private void ready() {
        if (!ready) {
            ready = true;
            if (over) {
                tellEnd();
            }
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
        ready();
        if (!over) {
            wanted = Operators.addCap(wanted, n);
            connection.wanted(this);
        }
    }

    @Override
    public void cancel() {
        if (cancelled) {
            return;
        }
        cancelled = true;
        if (loop.inEventLoop()) {
            givenUp();
        } else {
            loop.execute(this::givenUp);
        }
    }

    private void givenUp() {
        if (!over) {
            connection.unwanted(this);
        }
    }

    /** Whether content may be delivered, or thrown away. */
    boolean isWanted() {
        return wanted > 0 || cancelled;
    }

    /** Whether somebody waits. */
    boolean isAwaited() {
        return wanted > 0 && !over;
    }

    long idleNanos() {
        return idleNanos;
    }

    /** Hands on what has come, which is the subscriber's from now on. */
    void deliver(ByteBuf octets) {
        note(octets.readableBytes());
        CoreSubscriber<? super ByteBuf> to = actual;
        if (cancelled || to == null) {
            octets.release();
            return;
        }
        if (wanted != Long.MAX_VALUE) {
            wanted--;
        }
        to.onNext(octets);
    }

    private void note(int octets) {
        received += octets;
        UpstreamMetrics.RECEIVED_BYTES.inc(octets);
    }

    /** What is said of content that breaks off. */
    String progress() {
        return "after " + received + (announced < 0 ? "" : " of " + announced) + " bytes of content";
    }

    /** All has come. */
    void complete() {
        finish(true, null);
    }

    /** The connection has been given up since nobody wants the rest. */
    void abandoned() {
        finish(false, null);
    }

    void fail(Kind kind, String message) {
        if (!over) {
            UpstreamMetrics.bodyFailed(kind);
            finish(false, new UpstreamException(kind, false, message));
        }
    }

    private void finish(boolean whole, @Nullable UpstreamException with) {
        if (over) {
            return;
        }
        over = true;
        failure = with;
        UpstreamMetrics.IN_FLIGHT.dec();
        listener.ended(whole, with == null ? null : with.kind());
        if (ready) {
            tellEnd();
        }
    }

    private void tellEnd() {
        CoreSubscriber<? super ByteBuf> to = actual;
        if (cancelled || to == null) {
            return;
        }
        if (failure != null) {
            to.onError(failure);
        } else {
            to.onComplete();
        }
    }
}
