package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.Downstream.InterimReceiver;
import com.kingcdn.edge.upstream.UpstreamException.Kind;
import com.kingcdn.http.HeaderFields;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One request to one endpoint and what becomes of it, from the wait for a connection to the response's head; the content is a {@link
 * ResponseContent}'s. All its state but the claim belongs to the event loop of its connection.
 */
final class OriginExchange {

    /** RFC 2518 section 10.1: how one edge shows another that it is there, before it asks in turn. */
    static final int PROCESSING = 102;

    /** More than any use of them; each is forwarded to all who wait. */
    static final int MOST_INTERIM = 32;

    /** Is told what becomes of an exchange, on an event loop. */
    interface Listener {

        /** The final response's head has come. */
        void answered(UpstreamResponse response);

        /** No head will come. */
        void failed(UpstreamException failure);

        /**
         * The exchange is over in any way, its content included; nothing follows.
         *
         * @param whole whether all of the response has come
         * @param failure of the content, or null
         */
        void ended(boolean whole, @Nullable Kind failure);
    }

    private final ConnectionPool pool;
    private final Hop hop;
    private final EndpointClient.Message message;
    private final Timeouts timeouts;
    private final Listener listener;

    /** Who comes first decides what becomes of it: its head, its failure, or who gives it up. */
    private final AtomicBoolean decided = new AtomicBoolean();

    private volatile EventLoop loop;
    private volatile @Nullable OriginConnection connection;
    private @Nullable ResponseContent content;
    private @Nullable Future<?> patience;
    private long sentAt;
    private int interim;
    private boolean reused;

    OriginExchange(
            ConnectionPool pool,
            Hop hop,
            EndpointClient.Message message,
            Timeouts timeouts,
            Listener listener,
            EventLoop loop) {
        this.pool = pool;
        this.hop = hop;
        this.message = message;
        this.timeouts = timeouts;
        this.listener = listener;
        this.loop = loop;
    }

    EndpointClient.Message message() {
        return message;
    }

    Timeouts timeouts() {
        return timeouts;
    }

    /** Where it waits, or its connection lives. */
    EventLoop loop() {
        return loop;
    }

    /** Whether nobody has given it up. */
    boolean isWanted() {
        return !decided.get();
    }

    /** Gives it up, unless its head has come. */
    void cancel() {
        if (decided.compareAndSet(false, true)) {
            EventLoop here = loop;
            if (here.inEventLoop()) {
                givenUp();
            } else {
                here.execute(this::givenUp);
            }
        }
    }

    private void givenUp() {
        OriginConnection on = connection;
        if (on != null && !on.channel().eventLoop().inEventLoop()) {
            on.channel().eventLoop().execute(this::givenUp); // it has moved meanwhile
            return;
        }
        settle();
        pool.forget(this);
        if (on != null) {
            on.abandon(this);
        }
        listener.ended(false, null);
    }

    /** Waits for a connection, for so long at most. */
    void waits(long nanos) {
        patience = loop.schedule(
                () -> {
                    if (pool.forget(this)) {
                        fail(Kind.OVERLOADED, "no connection became free");
                    }
                },
                nanos,
                TimeUnit.NANOSECONDS);
    }

    private void settle() {
        if (patience != null) {
            patience.cancel(false);
            patience = null;
        }
    }

    /** Goes on with this connection. */
    void begin(OriginConnection on, boolean usedBefore) {
        settle();
        connection = on;
        loop = on.channel().eventLoop();
        reused = usedBefore;
        sentAt = System.nanoTime();
    }

    /**
     * Takes note of an interim response.
     *
     * @return whether it is the first sign of life of a server that may now take its time
     */
    boolean interim(int status, HeaderFields fields) {
        if (++interim > MOST_INTERIM) {
            throw new UpstreamException(
                    Kind.PROTOCOL, false, "it sent more than " + MOST_INTERIM + " interim responses");
        }
        boolean peer = !timeouts.sign().equals(timeouts.firstByte());
        InterimReceiver receiver = message.interim();
        // a 100 is ours to read over: it answers an expectation that is never sent
        if (receiver != null && status != 100 && (status != PROCESSING || !peer)) {
            receiver.interim(status, fields);
        }
        return peer && interim == 1;
    }

    /** Hands the head on. @return the content, or null when nobody wants it any more */
    @Nullable
    ResponseContent answer(int status, HeaderFields fields, long announced) {
        OriginConnection on = connection;
        if (on == null || !decided.compareAndSet(false, true)) {
            return null;
        }
        UpstreamMetrics.answered(hop.tier(), status, System.nanoTime() - sentAt);
        ResponseContent made =
                new ResponseContent(on, announced, timeouts.idle().toNanos(), listener);
        content = made;
        return made;
    }

    void answered(int status, HeaderFields fields, ResponseContent body) {
        listener.answered(new UpstreamResponse(status, fields, body));
    }

    /** What has been made of the head, once it has come. */
    @Nullable
    ResponseContent content() {
        return content;
    }

    /** Its connection has ended before the head. A kept connection may end at any time, so that it is no failure if it can be sent again. */
    void lost(boolean silently, String how) {
        if (reused && silently && message.isRepeatable() && isWanted()) {
            connection = null;
            UpstreamMetrics.STALE_CONNECTIONS.inc();
            pool.acquire(this, true);
        } else {
            fail(Kind.CLOSED, how);
        }
    }

    void fail(Throwable failure) {
        fail(Failures.kind(failure), failure.toString());
    }

    /** No head will come; or, once it has come, no more content. */
    void fail(Kind kind, String what) {
        settle();
        ResponseContent begun = content;
        if (begun != null) {
            begun.fail(kind, where(what));
        } else if (decided.compareAndSet(false, true)) {
            listener.failed(Failures.of(kind, message.isSafe(), where(what)));
            listener.ended(false, null);
        }
    }

    private String where(String what) {
        return hop.tier().label() + " " + hop.endpoint().url() + ": " + what;
    }
}
