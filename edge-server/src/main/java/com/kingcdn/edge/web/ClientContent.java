package com.kingcdn.edge.web;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * A request's content on its way upstream: at the pace at which it is taken there, and not beyond a limit. To be subscribed to once.
 *
 * <p>State belongs to the connection's event loop; what the subscriber says on other threads hops onto it. What nobody wants any more is
 * released as it comes.
 */
final class ClientContent extends Flux<ByteBuf> implements Subscription {

    private final EventExecutor loop;
    private final long limit;
    private final Runnable wanted;
    private final IntConsumer taken;
    private final Deque<ByteBuf> waiting = new ArrayDeque<>(2);
    private @Nullable CoreSubscriber<? super ByteBuf> subscriber;
    private @Nullable Throwable failure;
    private long demand;
    private long received;
    private boolean ended;
    private boolean over;
    private boolean emitting;
    private volatile boolean tooLarge;

    /**
     * Nothing yet.
     *
     * @param limit bytes at most
     * @param wanted called when it is asked for
     * @param taken told how many bytes of what waited here have left
     */
    ClientContent(EventExecutor loop, long limit, Runnable wanted, IntConsumer taken) {
        this.loop = loop;
        this.limit = limit;
        this.wanted = wanted;
        this.taken = taken;
    }

    boolean isTooLarge() {
        return tooLarge;
    }

    /** Whether all that came has been taken. */
    boolean isDrained() {
        return waiting.isEmpty();
    }

    /** Takes what came. */
    void receive(ByteBuf buffer) {
        int size = buffer.readableBytes();
        if (over || ended || size == 0) {
            buffer.release();
            taken.accept(size);
            return;
        }
        received += size;
        if (received > limit) {
            tooLarge = true;
            buffer.release();
            taken.accept(size);
            fail(new IllegalStateException("more than " + limit + " bytes of content"));
            return;
        }
        waiting.add(buffer);
        emit();
    }

    /** Notes that all of it has come. */
    void end() {
        ended = true;
        emit();
    }

    /** Notes that no more will come, though it should. */
    void fail(Throwable cause) {
        if (!ended) {
            ended = true;
            failure = cause;
            release();
            emit();
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        run(() -> {
            if (subscriber != null || over) {
                Operators.error(actual, new IllegalStateException("a request's content can be read once"));
                return;
            }
            subscriber = actual;
            actual.onSubscribe(this);
            emit();
        });
    }

    @Override
    public void request(long n) {
        run(() -> {
            if (over) {
                return;
            }
            if (!ended) {
                wanted.run();
            }
            demand = Operators.addCap(demand, n);
            emit();
        });
    }

    /** Gives it up: from now on whatever comes is released. */
    @Override
    public void cancel() {
        run(() -> {
            over = true;
            release();
        });
    }

    private void run(Runnable action) {
        if (loop.inEventLoop()) {
            action.run();
        } else {
            loop.execute(action);
        }
    }

    private void emit() {
        CoreSubscriber<? super ByteBuf> target = subscriber;
        if (target == null || emitting) {
            return;
        }
        emitting = true;
        while (!over && demand > 0 && !waiting.isEmpty()) {
            ByteBuf next = waiting.remove();
            int size = next.readableBytes();
            demand--;
            target.onNext(next);
            taken.accept(size);
        }
        emitting = false;
        if (!over && ended && waiting.isEmpty()) {
            over = true;
            Throwable cause = failure;
            if (cause == null) {
                target.onComplete();
            } else {
                target.onError(cause);
            }
        }
    }

    private void release() {
        int size = 0;
        for (ByteBuf buffer = waiting.poll(); buffer != null; buffer = waiting.poll()) {
            size += buffer.readableBytes();
            buffer.release();
        }
        if (size > 0) {
            taken.accept(size);
        }
    }
}
