package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.ForwardReason;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * One request on its way through the cache, and its one answer; to be subscribed to once. The way begins when the answer is asked for.
 * It is a class of its own instead of operators, since a miss goes through here and each operator is another object and another call.
 */
final class Answering extends Mono<EdgeResponse>
        implements Subscription, CoreSubscriber<EdgeResponse>, RequestCoalescer.Waiter {

    /** How often a request may find its entry gone, before it is given up. */
    private static final int MOST_ATTEMPTS = 6;

    /** The parts of the way. */
    interface Way {

        /** Looks what is stored, and has the answering go on from there. */
        void attempt(Answering answering);

        /** A fetch that it waited for has an outcome. */
        void landed(Answering answering, FetchOutcome outcome, boolean leader);

        /** What is changed of an answer for its client alone. */
        EdgeResponse finish(Exchange exchange, EdgeResponse response);
    }

    /**
     * Why a request goes upstream.
     *
     * @param detail more on that, or null
     */
    record Forward(ForwardReason reason, @Nullable String detail) {}

    private static final AtomicIntegerFieldUpdater<Answering> STATE =
            AtomicIntegerFieldUpdater.newUpdater(Answering.class, "state");

    private static final int MADE = 0;
    private static final int SUBSCRIBED = 1;
    private static final int BEGUN = 2;
    private static final int ANSWERED = 3;
    private static final int CANCELLED = 4;

    private final Way way;
    private final Exchange exchange;

    private volatile int state;
    private volatile @Nullable Subscription source;
    private volatile RequestCoalescer.@Nullable Flight flight;
    private @Nullable CoreSubscriber<? super EdgeResponse> subscriber;

    // by one thread at a time: who has the request in hand
    private int attempts;
    private @Nullable Forward forward;

    Answering(Way way, Exchange exchange) {
        this.way = way;
        this.exchange = exchange;
    }

    Exchange exchange() {
        return exchange;
    }

    /** How often it was begun again. */
    int attempts() {
        return attempts;
    }

    /** Why it has gone upstream, if it has. */
    @Nullable
    Forward forward() {
        return forward;
    }

    /** Whether its client has gone. */
    boolean isCancelled() {
        return state == CANCELLED;
    }

    // ------------------------------------------------------------------------------------------- what the way does

    /** Answers. The response is closed if the client has gone. */
    void with(EdgeResponse response) {
        CoreSubscriber<? super EdgeResponse> client = subscriber;
        if (client != null && STATE.compareAndSet(this, BEGUN, ANSWERED)) {
            client.onNext(way.finish(exchange, response));
            client.onComplete();
        } else {
            response.close();
        }
    }

    /** Answers with what comes of this. */
    void by(Mono<EdgeResponse> response) {
        response.subscribe(this);
    }

    /** Goes upstream, for a reason that the answer will tell. */
    void goesUpstream(Forward why) {
        forward = why;
    }

    /** Begins again, since what was found is gone, or was for somebody else. @return false when it has been done often enough */
    boolean again() {
        if (attempts >= MOST_ATTEMPTS) {
            return false;
        }
        attempts++;
        way.attempt(this);
        return true;
    }

    @Override
    public void failed(Throwable failure) {
        CoreSubscriber<? super EdgeResponse> client = subscriber;
        if (client != null && STATE.compareAndSet(this, BEGUN, ANSWERED)) {
            client.onError(failure);
        }
    }

    @Override
    public void joined(RequestCoalescer.Flight joined) {
        flight = joined;
        if (state == CANCELLED) {
            joined.leave(this);
        }
    }

    @Override
    public void landed(FetchOutcome outcome, boolean leader) {
        try {
            way.landed(this, outcome, leader);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    // ---------------------------------------------------------------------------------------- what the client does

    @Override
    public void subscribe(CoreSubscriber<? super EdgeResponse> client) {
        if (!STATE.compareAndSet(this, MADE, SUBSCRIBED)) {
            Operators.error(client, new IllegalStateException("the answer to a request can be subscribed to once"));
            return;
        }
        subscriber = client;
        client.onSubscribe(this);
    }

    @Override
    public void request(long n) {
        if (Operators.validate(n) && STATE.compareAndSet(this, SUBSCRIBED, BEGUN)) {
            try {
                way.attempt(this);
            } catch (RuntimeException e) {
                failed(e);
            }
        }
    }

    @Override
    public void cancel() {
        int before = STATE.getAndUpdate(this, known -> known == ANSWERED ? ANSWERED : CANCELLED);
        if (before == BEGUN) {
            RequestCoalescer.Flight left = flight;
            if (left != null) {
                left.leave(this);
            }
            Subscription asked = source;
            if (asked != null) {
                asked.cancel();
            }
        }
    }

    // ------------------------------------------------------------------------------------------- of what answers it

    @Override
    public void onSubscribe(Subscription given) {
        source = given;
        if (state == CANCELLED) {
            given.cancel();
        } else {
            given.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(EdgeResponse response) {
        with(response);
    }

    @Override
    public void onError(Throwable failure) {
        failed(failure);
    }

    @Override
    public void onComplete() {
        // after the answer
    }
}
