package com.kingcdn.edge.web;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.edge.transport.SendBuffer;
import com.kingcdn.edge.web.EdgeHandler.Look;
import com.kingcdn.edge.web.Http1ClientStream.Terms;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection of HTTP/1.1, behind {@link StrictRequestDecoder}: one exchange at a time, in order (RFC 9112 section 9.3.2).
 *
 * <p>While a response is due the decoder holds what follows, and nothing more is read, so a client that pipelines waits in its own
 * socket. It answers what the decoder cannot read with a problem and the connection's end: nothing behind an unreadable head can be
 * trusted. It closes a connection that is idle, with one timer for its whole life, or silent inside a request's content.
 */
final class Http1Connection extends ChannelDuplexHandler
        implements ClientConnection, StrictRequestDecoder.Owner, Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Http1Connection.class);

    /** What a send buffer is filled with, in octets. */
    private static final int LARGE = 64 * 1024;

    private final Http1Path path;
    private final @Nullable TlsConnection tls;
    private final StrictRequestDecoder decoder;
    private final ContentSilence silence;
    private final IdleConnection idleness;
    private final ContentEnd contentEnd = new ContentEnd();
    private @Nullable ChannelHandlerContext here;
    private @Nullable Http1ClientStream current;
    private boolean receiving;
    private boolean inRead;
    private boolean unflushed;
    private boolean ending;
    private boolean last;
    private boolean closing;
    private @Nullable SendBuffer sendBuffer;
    private long quietSince = System.nanoTime();

    Http1Connection(Http1Path path, @Nullable TlsConnection tls) {
        this.path = path;
        this.tls = tls;
        this.decoder = new StrictRequestDecoder(path.headNanos(), this);
        this.silence = new ContentSilence(path.readNanos(), this::isInContent);
        this.idleness = new IdleConnection(path.idleNanos(), this::quietSince);
        this.ending = path.isStopping();
    }

    StrictRequestDecoder decoder() {
        return decoder;
    }

    @Override
    public @Nullable TlsConnection tls() {
        return tls;
    }

    @Override
    public Channel channel() {
        return context().channel();
    }

    @Override
    public Protocol protocol() {
        return Protocol.HTTP1;
    }

    Http1Writer writer() {
        return path.writer();
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext context = here;
        if (context == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return context;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        here = context;
        sendBuffer = SendBuffer.of(context.channel());
        idleness.watch(context);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        idleness.forget();
        silence.forget();
    }

    // ------------------------------------------------------------------------------------------------- requests

    /** Whether the next request may be answered: none is under way, and the client takes what it is sent. */
    @Override
    public boolean takesRequests() {
        return current == null && !last && !closing && context().channel().isWritable();
    }

    /** Whether requests may be answered before the decoder sees them: their responses cannot say that the connection ends. */
    boolean takesPlainRequests() {
        return !ending && takesRequests() && decoder.isBetweenRequests();
    }

    boolean isClosing() {
        return closing;
    }

    /** Whether no further request is taken. */
    boolean isLast() {
        return last;
    }

    /** Notes that octets are about to be handed on, until {@link #received}: what is answered meanwhile is flushed then. */
    void receiving() {
        receiving = true;
        inRead = true;
    }

    void received() {
        receiving = false;
        inRead = false;
        // not at the end of a burst of reads: with io_uring that comes behind the close when the client has sent its
        // end, too
        run();
        readOn();
    }

    /** Answers a plain request that came before the decoder, and for which no answer lies ready. */
    void handle(CacheRequest request, Look look) {
        Http1ClientStream stream = new Http1ClientStream(this, context(), Terms.PLAIN, true);
        current = stream;
        path.edge().handle(stream, request, look);
    }

    /** Notes that a plain request was answered within the call. */
    void answered(long nanoTime) {
        quietSince = nanoTime;
        unflushed = true;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (closing || !context.channel().isActive()) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpRequest request) {
            if (request.decoderResult().isFailure()) {
                refuse(Refusal.of(request.decoderResult().cause()));
                return;
            }
            begin(context, request);
        }
        if (message instanceof HttpContent content) {
            receive(content);
        }
    }

    private void begin(ChannelHandlerContext context, HttpRequest request) {
        HttpVersion version = request.protocolVersion();
        HeaderFields.Builder fields = HeaderFields.builder();
        for (Map.Entry<String, String> line : request.headers()) {
            fields.add(line.getKey(), line.getValue());
        }
        Http1ClientStream stream = new Http1ClientStream(this, context, Terms.of(request), false);
        if (ending) {
            stream.closeAfter();
        }
        current = stream;
        path.edge()
                .handle(
                        stream,
                        new RequestHead(
                                request.method().name(),
                                request.uri(),
                                version,
                                fields.build(),
                                tls == null ? "http" : "https",
                                false));
    }

    private void receive(HttpContent message) {
        Http1ClientStream stream = current;
        if (stream == null) {
            message.release();
            return;
        }
        if (message.decoderResult().isFailure()) {
            message.release();
            unreadable(stream, message.decoderResult().cause());
            return;
        }
        silence.begin();
        stream.receive(message.content(), message instanceof LastHttpContent);
        settle();
    }

    /** Content that cannot be read ends the connection, with a word on why where one can still be said. */
    private void unreadable(Http1ClientStream stream, Throwable cause) {
        boolean begun = stream.hasBegun();
        current = null;
        stream.breakOff(cause);
        if (begun) {
            cut();
        } else {
            refuse(Refusal.of(cause));
        }
    }

    /** Notes that a response is about to be written with so many octets of content, or an unknown number. */
    void sends(long octets) {
        if (octets > LARGE && sendBuffer != null) {
            sendBuffer.fit();
        }
    }

    /** Notes that a response has begun whose content lasts as long as the connection. */
    void endless() {
        contentEnd.begin();
    }

    /** Goes on behind a response, all of which has been written. */
    void responded(Http1ClientStream stream) {
        contentEnd.written();
        quietSince = System.nanoTime();
        last |= stream.isClosing();
        if (stream.isClosing() && !stream.isReceived()) {
            closeGently();
        } else {
            settle();
        }
    }

    private void settle() {
        Http1ClientStream stream = current;
        if (stream == null || !stream.isOver()) {
            return;
        }
        current = null;
        if (last) {
            closeGently();
        } else if (!inRead) {
            resume();
        }
    }

    /** Takes what waits in the decoder. */
    private void resume() {
        if (takesRequests()) {
            inRead = true;
            decoder.resume();
            inRead = false;
            readOn();
        }
    }

    /** Reads on, or no more, as what has come can be taken. */
    void readOn() {
        boolean inContent = isInContent();
        boolean takes = inContent ? Objects.requireNonNull(current).takesContent() : takesRequests();
        boolean wanted = closing || takes || (!inContent && !decoder.holds());
        if (wanted != context().channel().config().isAutoRead()) {
            silence.begin();
            context().channel().config().setAutoRead(wanted);
        }
        if (inContent) {
            silence.watch(context());
        }
    }

    private boolean isInContent() {
        Http1ClientStream stream = current;
        return stream != null && !stream.isReceived();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (!inRead) {
            resume();
        }
        context.fireChannelWritabilityChanged();
    }

    // ------------------------------------------------------------------------------------------------- flushing

    /** Flushes behind what is being handed on or, when nothing is, at the end of what the event loop now does. */
    void flushSoon() {
        if (!unflushed) {
            unflushed = true;
            if (!receiving) {
                context().executor().execute(this);
            }
        }
    }

    @Override
    public void run() {
        if (unflushed) {
            unflushed = false;
            context().flush();
        }
    }

    // -------------------------------------------------------------------------------------------------- the end

    /** Answers a client that does not finish its head. With a response due it is we who do not read on: false. */
    @Override
    public boolean headTimedOut() {
        if (current != null) {
            return false;
        }
        if (!closing) {
            refuse(Refusal.REQUEST_TIMEOUT);
        }
        return true;
    }

    private void refuse(Refusal refusal) {
        EdgeMetrics.refused(refusal);
        byte[] problem = Problem.json(refusal.status(), refusal.detail());
        HeaderFields fields = HeaderFields.of("content-type", Problem.MEDIA_TYPE, "cache-control", "no-store");
        writer().write(
                        context(),
                        ResponseHead.own(refusal.status(), fields, problem.length, null),
                        Http1Writer.Framing.CLOSE,
                        Unpooled.wrappedBuffer(problem));
        closeGently();
    }

    /** Sends what is written, then nothing, and leaves the client a moment to read it: what comes until then is read over. */
    void closeGently() {
        if (!closing) {
            closing = true;
            last = true;
            readOn();
            ConnectionEnd.closeGently(context());
        }
    }

    /** Ends it inside a response. The channel may take its time to close (io_uring): nothing that still comes is to be answered. */
    void cut() {
        closing = true;
        channel().close();
    }

    /** Ends it, whoever asks for that. */
    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        contentEnd.close(context, promise);
    }

    /**
     * Takes no more requests: what is under way is answered, and then the connection ends. Before that, when the server will stop soon,
     * it ends behind the next response that can say so (RFC 9112 section 9.6): the client then knows that a request it sends meanwhile is
     * not read.
     */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ConnectionEnd.SOON) {
            ending = true;
            if (current != null && !current.hasBegun()) {
                current.closeAfter();
            }
        } else if (event == ConnectionEnd.STOP) {
            last = true;
            if (current == null) {
                closeGently();
            }
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        closing = true;
        Http1ClientStream stream = current;
        current = null;
        if (stream != null) {
            stream.breakOff(new ClosedChannelException());
        }
        context.fireChannelInactive();
    }

    /** A client that breaks its connection off is no error. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException)) {
            LOG.warn("a client's connection failed, and is closed", cause);
        }
        context.channel().close();
    }

    /** The {@link System#nanoTime} since which nothing is due of us: now, as long as something is. */
    private long quietSince() {
        return current != null || ContentEnd.isSending(channel()) ? System.nanoTime() : quietSince;
    }
}
