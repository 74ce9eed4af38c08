package com.kingcdn.edge.web;

import com.kingcdn.edge.cache.EdgeResponse;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/** An answer of the cache that is to come, on whatever thread: sent on the client's event loop, or given up when the client goes. */
final class Awaited implements CoreSubscriber<EdgeResponse>, Runnable {

    private final EdgeHandler edge;
    private final ClientExchange exchange;
    private final @Nullable ClientContent content;
    private final EventExecutor loop;
    private @Nullable Subscription source;
    private boolean answered;
    private boolean done;

    Awaited(EdgeHandler edge, ClientExchange exchange, @Nullable ClientContent content) {
        this.edge = edge;
        this.exchange = exchange;
        this.content = content;
        this.loop = exchange.stream().loop();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        source = subscription;
        exchange.underWay(this);
        subscription.request(Long.MAX_VALUE);
    }

    /** Gives it up. */
    @Override
    public void run() {
        done = true;
        Subscription subscription = source;
        if (subscription != null) {
            subscription.cancel();
        }
    }

    @Override
    public void onNext(EdgeResponse answer) {
        answered = true;
        if (loop.inEventLoop()) {
            send(answer);
        } else {
            loop.execute(() -> send(answer));
        }
    }

    private void send(EdgeResponse answer) {
        if (done) {
            answer.close();
            return;
        }
        done = true;
        try {
            edge.send(exchange, content, answer);
        } catch (RuntimeException e) {
            edge.fail(exchange, e);
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (loop.inEventLoop()) {
            fail(failure);
        } else {
            loop.execute(() -> fail(failure));
        }
    }

    @Override
    public void onComplete() {
        if (!answered) {
            onError(new IllegalStateException("the cache has answered nothing"));
        }
    }

    private void fail(Throwable failure) {
        if (!done) {
            done = true;
            edge.fail(exchange, failure);
        }
    }
}
