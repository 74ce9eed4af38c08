package com.kingcdn.edge.web;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http3.DefaultHttp3GoAwayFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3SettingsFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection of HTTP/3 (RFC 9114): its streams, and what is true of all of them.
 *
 * <p>It ends connections on which nothing happens, those whose client opens no window for what it asked for, and those that make more
 * work than anybody needs (RFC 9114 section 10.5): requests broken off, frames without a purpose.
 */
final class Http3Connection extends ChannelInboundHandlerAdapter implements ClientConnection {

    private static final Logger LOG = LoggerFactory.getLogger(Http3Connection.class);

    private static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Useless frames and broken requests a second, and how many at once. */
    private static final long USELESS_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1) / 10;

    private static final long USELESS_BURST_NANOS = 200 * USELESS_INTERVAL_NANOS;

    /** Streams in all whose client never ended them: the codec remembers them as long as the connection. */
    private static final int LEFT_OPEN = 1000;

    /** For what has been written and may have to be sent again: an end cuts that off. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Http3Path path;
    private final QuicChannel channel;
    private final Set<Http3ClientStream> streams = new HashSet<>();
    private @Nullable String serverName;
    private @Nullable TlsConnection tls;
    private boolean shaken;
    private boolean stopping;
    private long nextStream;
    private long refusedFrom = Long.MAX_VALUE;
    private int leftOpen;
    private int waiting;
    private long uselessDebt = System.nanoTime();
    private long progress = System.nanoTime();
    private @Nullable Future<?> check;

    Http3Connection(Http3Path path, QuicChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    Http3Path path() {
        return path;
    }

    @Override
    public Channel channel() {
        return channel;
    }

    @Override
    public Protocol protocol() {
        return Protocol.HTTP3;
    }

    /** The address that the client has now: a connection outlives a change of it (RFC 9000 section 9). */
    @Override
    public @Nullable InetAddress client() {
        return channel.remoteSocketAddress() instanceof InetSocketAddress address ? address.getAddress() : null;
    }

    @Override
    public @Nullable TlsConnection tls() {
        return tls;
    }

    // ------------------------------------------------------------------------------------------------------ streams

    /** Notes a stream; false when it has come too late (RFC 9114 section 5.2). */
    boolean open(Http3ClientStream stream) {
        if (stream.id() >= refusedFrom) {
            return false;
        }
        nextStream = Math.max(nextStream, stream.id() + 4);
        streams.add(stream);
        progress();
        return true;
    }

    /** Notes the end of a stream. */
    void closed(Http3ClientStream stream) {
        if (streams.remove(stream) && streams.isEmpty()) {
            progress = System.nanoTime();
            if (stopping) {
                endIn(LINGER_NANOS);
            }
        }
    }

    /** Notes that the client has sent something of use. */
    void progress() {
        if (waiting == 0) {
            progress = System.nanoTime();
        }
    }

    /** Notes that something has been written that the client must take. */
    void writing() {
        if (waiting++ == 0) {
            progress = System.nanoTime();
        }
    }

    void written() {
        waiting--;
        progress = System.nanoTime();
    }

    /** Counts a frame, or a request, that came to nothing. */
    void useless() {
        long now = System.nanoTime();
        uselessDebt = Math.max(uselessDebt, now) + USELESS_INTERVAL_NANOS;
        if (uselessDebt - now > USELESS_BURST_NANOS) {
            end(ConnectionClosing.FLOOD, Http3ErrorCode.H3_EXCESSIVE_LOAD);
        }
    }

    /** Counts a stream that the client has not ended. */
    void leftOpen() {
        if (++leftOpen > LEFT_OPEN) {
            end(ConnectionClosing.FLOOD, Http3ErrorCode.H3_EXCESSIVE_LOAD);
        }
    }

    /** Counts what comes on the client's control stream, behind its settings. */
    ChannelHandler controlFrames() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object frame) {
                if (!(frame instanceof Http3SettingsFrame)) {
                    useless();
                }
                ReferenceCountUtil.release(frame);
            }
        };
    }

    // ------------------------------------------------------------------------------------------------ the handshake

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        path.handshakeBegins();
        checkIn(HANDSHAKE_NANOS);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ConnectionEnd.STOP || event == ConnectionEnd.SOON) {
            stop();
        } else if (event instanceof SniCompletionEvent name) {
            serverName = name.hostname();
        } else if (event instanceof SslHandshakeCompletionEvent handshake && !shaken) {
            if (handshake.isSuccess()) {
                handshaken();
            } else {
                context.close();
            }
        }
        context.fireUserEventTriggered(event);
    }

    private void handshaken() {
        shaken = true;
        path.handshakeEnds();
        EdgeMetrics.HANDSHAKES_HTTP3.inc();
        tls = path.opened(serverName);
        checkIn(Math.min(path.idleNanos(), path.stallNanos()));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        // a new stream, which the channel's end takes
        context.fireChannelRead((QuicStreamChannel) message);
    }

    // ------------------------------------------------------------------------------------------------------ the end

    /** Takes no more requests: what is under way is answered, and then the connection ends (RFC 9114 section 5.2). */
    private void stop() {
        if (!stopping) {
            stopping = true;
            goAway();
            if (streams.isEmpty()) {
                endIn(LINGER_NANOS - (System.nanoTime() - progress));
            }
        }
    }

    private void goAway() {
        refusedFrom = nextStream;
        QuicStreamChannel control = Http3.getLocalControlStream(channel);
        if (control != null) {
            control.writeAndFlush(new DefaultHttp3GoAwayFrame(nextStream));
        }
    }

    private void endIn(long nanos) {
        loop().schedule(
                        () -> {
                            if (streams.isEmpty()) {
                                end(Http3ErrorCode.H3_NO_ERROR);
                            }
                        },
                        Math.max(0, nanos),
                        TimeUnit.NANOSECONDS);
    }

    private void end(ConnectionClosing why, Http3ErrorCode code) {
        if (channel.isActive()) {
            EdgeMetrics.http3Closed(why);
            end(code);
        }
    }

    private void end(Http3ErrorCode code) {
        channel.close(true, code.code(), Unpooled.EMPTY_BUFFER);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        gone();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        gone();
    }

    private void gone() {
        if (check != null) {
            check.cancel(false);
        }
        if (!shaken) {
            shaken = true;
            path.handshakeEnds();
            EdgeMetrics.HANDSHAKES_FAILED.inc();
        }
    }

    /** Packets that cannot be read are dropped (RFC 9000 section 5.2), and what ends a connection, the codec ends. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("a client's connection of HTTP/3 failed", cause);
    }

    // ----------------------------------------------------------------------------------------------------- timeouts

    private void checkIn(long nanos) {
        if (check != null) {
            check.cancel(false);
        }
        check = loop().schedule(this::check, nanos, TimeUnit.NANOSECONDS);
    }

    private void check() {
        if (!shaken) {
            channel.close();
            return;
        }
        boolean active = !streams.isEmpty();
        if (active && waiting == 0 && streams.stream().noneMatch(Http3ClientStream::waitsForClient)) {
            // it is we who are due to send something
            checkIn(Math.min(path.idleNanos(), path.stallNanos()));
            return;
        }
        long allowed = !active ? path.idleNanos() : waiting > 0 ? path.stallNanos() : path.readNanos();
        long left = allowed - (System.nanoTime() - progress);
        if (left > 0) {
            checkIn(left);
        } else if (active) {
            end(ConnectionClosing.STALLED, Http3ErrorCode.H3_NO_ERROR);
        } else {
            goAway();
            end(ConnectionClosing.IDLE, Http3ErrorCode.H3_NO_ERROR);
        }
    }
}
