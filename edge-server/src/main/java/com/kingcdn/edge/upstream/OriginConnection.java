package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.ResponseReader.Event;
import com.kingcdn.edge.upstream.UpstreamException.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an endpoint, with one exchange after the other (RFC 9112 section 9.3) and no two at the same time.
 *
 * <p>The channel reads by itself, but for the time in which content has come that nobody asks for. A response is over, and the
 * connection free again, when the burst of reads that brought its end is over: what else comes in it answers nothing that was asked, and
 * whoever sent it is not given another request on this connection.
 *
 * <p>Content that came with its head is handed on while the head is: who takes a short response has all of it before it returns.
 */
final class OriginConnection extends ChannelDuplexHandler {

    private final ConnectionPool.OfLoop pool;
    private final long keepAliveNanos;
    private final ResponseReader reader = new ResponseReader();

    private final OutgoingRequest outgoing = new OutgoingRequest(this);
    private final UnreadOctets unread = new UnreadOctets();
    private final EndOfInput end;
    private final ReadPause pause = new ReadPause();

    private @Nullable ChannelHandlerContext context;
    private @Nullable OriginExchange exchange;
    private boolean usedBefore;

    private boolean inBurst;
    private boolean draining;
    private boolean headBegun;
    private boolean atEnd;
    private boolean gone;

    private final ConnectionTimer timer = new ConnectionTimer(this::timeOut);

    OriginConnection(ConnectionPool.OfLoop pool, boolean secure, Duration keepAlive) {
        this.pool = pool;
        this.end = new EndOfInput(secure);
        this.keepAliveNanos = keepAlive.toNanos();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext known = context;
        if (known == null) {
            throw new IllegalStateException("a connection without a channel");
        }
        return known;
    }

    Channel channel() {
        return context().channel();
    }

    /** Begins an exchange: sends its request. */
    void begin(OriginExchange next) {
        next.begin(this, usedBefore);
        exchange = next;
        usedBefore = true;
        headBegun = false;
        atEnd = false;
        EndpointClient.Message message = next.message();
        reader.begin(message.method().equals("HEAD"));
        outgoing.send(context(), pool.path(), message);
    }

    /** All of the request has been sent. */
    void sent() {
        OriginExchange present = exchange;
        if (present != null && present.content() == null) {
            due(present.timeouts().sign().toNanos());
        }
    }

    /** The request's content waits for the endpoint to take some of it, or no longer does. */
    void stalled(boolean waits) {
        OriginExchange present = exchange;
        if (present != null && present.content() == null) {
            if (waits) {
                due(present.timeouts().idle().toNanos());
            } else {
                timer.clear();
            }
        }
    }

    /** It ends since nothing more can be sent on it, whatever the endpoint has still to say. */
    void cutOff() {
        end.cutOff();
    }

    @Override
    public void channelRead(ChannelHandlerContext channel, Object message) {
        if (!(message instanceof ByteBuf octets)) {
            ReferenceCountUtil.release(message);
            return;
        }
        inBurst = true;
        if (exchange == null || atEnd) {
            end.spoil();
            octets.release();
            if (exchange == null) {
                close();
            }
            return;
        }
        headBegun = true;
        unread.add(octets);
        drain();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext channel) {
        inBurst = false;
        if (atEnd) {
            rest();
        }
    }

    /** Reads as far as there are octets, and content is wanted. */
    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        try {
            while (exchange != null && !atEnd && step(exchange)) {
                // on to the next event
            }
        } catch (UpstreamException malformed) {
            fail(malformed.kind(), String.valueOf(malformed.getMessage()));
        } finally {
            draining = false;
        }
        if (atEnd && !inBurst) {
            rest();
        } else if (gone && exchange == null) {
            unread.drop();
        }
    }

    /** One event. @return whether there may be another one */
    private boolean step(OriginExchange present) {
        Event event = reader.next(unread.first());
        switch (event) {
            case MORE -> {
                return another(present);
            }
            case INTERIM -> {
                if (present.interim(reader.status(), reader.fields())) {
                    due(present.timeouts().firstByte().toNanos());
                }
            }
            case HEAD -> answer(present);
            case CONTENT -> {
                return deliver(present);
            }
            case END -> {
                timer.clear();
                atEnd = true;
            }
        }
        return true;
    }

    private void answer(OriginExchange present) {
        timer.clear();
        ResponseContent content = present.answer(reader.status(), reader.fields(), reader.announced());
        if (content == null) {
            exchange = null;
            context().close();
        } else {
            // what is wanted of the content meanwhile is read by another drain within this one
            draining = false;
            present.answered(reader.status(), reader.fields(), content);
            draining = true;
        }
    }

    /** Goes on to the next buffer, when the present one has been read. */
    private boolean another(OriginExchange present) {
        if (unread.dropFirst()) {
            return true;
        }
        if (gone) {
            ended(present);
            return false;
        }
        ResponseContent content = present.content();
        if (content != null && content.isAwaited()) {
            due(content.idleNanos());
        }
        pause.end(channel());
        return false;
    }

    /** All of a content of this size, of which nothing was read yet, if it has come; null when it has not. */
    @Nullable
    ByteBuf takeWhole(ResponseContent content, int size) {
        OriginExchange present = exchange;
        ByteBuf in = unread.first();
        boolean here = present != null && present.content() == content && in.readableBytes() >= size;
        if (!here || reader.next(in) != Event.CONTENT) {
            return null;
        }
        ByteBuf whole = unread.take(reader);
        // on to the response's end, for which nobody asks
        drain();
        return whole;
    }

    private boolean deliver(OriginExchange present) {
        ResponseContent content = present.content();
        if (content == null || !content.isWanted()) {
            timer.clear();
            if (!gone) {
                pause.begin(channel());
            }
            return false;
        }
        content.deliver(unread.take(reader));
        return true;
    }

    /** The channel has ended, and all that had come has been read. */
    private void ended(OriginExchange present) {
        ResponseContent content = present.content();
        if (content == null) {
            exchange = null;
            present.lost(!headBegun, headBegun ? "the connection ended inside the head" : "the connection was closed");
        } else if (reader.endsWithConnection() && end.isOfContent()) {
            atEnd = true;
        } else {
            fail(Kind.TRUNCATED, "the connection ended " + content.progress());
        }
    }

    /** More content is asked for. */
    void wanted(ResponseContent content) {
        OriginExchange present = exchange;
        if (present != null && present.content() == content) {
            drain();
        }
    }

    /** The rest of the content is not wanted: it is read if it is here already, so that the connection can be used again. */
    void unwanted(ResponseContent content) {
        if (draining || inBurst) {
            // by its own subscriber, while it is told something: what is here is thrown away by the loop that calls it
            context().executor().execute(() -> giveUp(content));
        } else {
            giveUp(content);
        }
    }

    private void giveUp(ResponseContent content) {
        OriginExchange present = exchange;
        if (present == null || present.content() != content) {
            return;
        }
        drain();
        if (exchange == present && !atEnd) {
            exchange = null;
            content.abandoned();
            context().close();
            if (gone) {
                unread.drop();
            }
        }
    }

    /** The exchange has been given up before its head. */
    void abandon(OriginExchange givenUp) {
        if (exchange == givenUp) {
            exchange = null;
            context().close();
        }
    }

    /** A response has ended: the connection is free for the next exchange, or of no more use. */
    private void rest() {
        OriginExchange done = exchange;
        exchange = null;
        atEnd = false;
        boolean surplus = unread.isReadable();
        unread.drop();
        if (surplus
                || gone
                || end.isNear()
                || outgoing.isUnderWay()
                || !reader.isPersistent()
                || !channel().isActive()) {
            outgoing.stop();
            context().close();
        } else {
            pause.end(channel());
            idle();
        }
        if (done != null && done.content() != null) {
            done.content().complete();
        }
    }

    /** Waits for the next exchange. */
    void idle() {
        due(keepAliveNanos);
        pool.release(this);
    }

    /** Ends the exchange and the connection. */
    void fail(Kind kind, String what) {
        OriginExchange failed = exchange;
        exchange = null;
        atEnd = false;
        context().close();
        if (failed != null) {
            failed.fail(kind, what);
        }
    }

    /** There is a deadline so many nanoseconds from now; none but the last one counts. */
    private void due(long nanos) {
        timer.set(context().executor(), nanos);
    }

    private void timeOut() {
        if (gone) {
            return;
        }
        OriginExchange present = exchange;
        if (present == null) {
            close();
        } else if (present.content() != null) {
            fail(Kind.IDLE_TIMEOUT, "it was silent " + present.content().progress());
        } else {
            fail(Kind.RESPONSE_TIMEOUT, "no head came in time");
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext channel) {
        outgoing.writabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext channel, Object event) {
        if (event instanceof SslCloseCompletionEvent close) {
            end.notified(close.isSuccess());
            if (close.isSuccess() && exchange == null) {
                close();
            }
        }
    }

    /** It is closed from without, as all are when the edge stops. An end that comes from the endpoint does not come this way. */
    @Override
    public void close(ChannelHandlerContext channel, ChannelPromise promise) {
        end.cutOff();
        channel.close(promise);
    }

    /** Ends it, free or not: nobody is to be given it while the channel, which may take its time to close, is active (io_uring). */
    private void close() {
        pool.closed(this);
        context().close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
        end.spoil();
        OriginExchange present = exchange;
        if (present != null && present.content() == null && Failures.kind(cause) == Kind.TLS) {
            fail(Kind.TLS, cause.toString());
        }
        close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext channel) {
        gone = true;
        // closed between two reads of a burst, it is told of no end of that burst (io_uring)
        inBurst = false;
        timer.end();
        outgoing.stop();
        pool.closed(this);
        if (exchange != null) {
            drain();
        } else {
            unread.drop();
        }
    }
}
