package com.kingcdn.edge.upstream;

import com.kingcdn.edge.upstream.UpstreamException.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * A request's content on its way into a connection, at the pace at which the endpoint takes it: in chunks, unless its length was told.
 * It belongs to the connection's event loop, onto which all signals hop.
 */
final class RequestContent implements CoreSubscriber<ByteBuf> {

    private final OutgoingRequest request;
    private final OriginConnection connection;
    private final EventLoop loop;
    private final Channel channel;
    private final boolean chunked;
    private final ChannelFutureListener onWritten = this::written;
    private long left;
    private @Nullable Subscription source;
    private boolean asked;
    private boolean stopped;

    RequestContent(OutgoingRequest request, OriginConnection connection, EndpointClient.Message message) {
        this.request = request;
        this.connection = connection;
        this.channel = connection.channel();
        this.loop = channel.eventLoop();
        this.chunked = message.isChunked();
        this.left = chunked ? 0 : Failures.length(message.fields().first("content-length"));
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.validate(source, subscription)) {
            source = subscription;
            run(this::ask);
        }
    }

    private void run(Runnable step) {
        if (loop.inEventLoop()) {
            step.run();
        } else {
            loop.execute(step);
        }
    }

    private void ask() {
        Subscription from = source;
        if (asked || stopped || from == null) {
            return;
        }
        connection.stalled(!channel.isWritable());
        if (channel.isWritable()) {
            asked = true;
            from.request(1);
        }
    }

    void writabilityChanged() {
        ask();
    }

    @Override
    public void onNext(ByteBuf octets) {
        run(() -> write(octets));
    }

    private void write(ByteBuf octets) {
        asked = false;
        if (stopped || !octets.isReadable()) {
            octets.release();
            ask();
            return;
        }
        if (chunked) {
            String size = Integer.toHexString(octets.readableBytes()) + "\r\n";
            channel.write(ByteBufUtil.writeAscii(channel.alloc(), size));
            channel.write(octets);
            channel.writeAndFlush(ByteBufUtil.writeAscii(channel.alloc(), "\r\n"), watched());
        } else {
            left -= octets.readableBytes();
            if (left < 0) {
                octets.release();
                broken("more came than was announced");
                return;
            }
            channel.writeAndFlush(octets, watched());
        }
        ask();
    }

    /** Has to be listened to before the write: what fails to leave may have ended the channel by the time that the write returns. */
    private ChannelPromise watched() {
        return channel.newPromise().addListener(onWritten);
    }

    /** What fails to leave closes the channel, perhaps with octets unread; what fails since the channel is closed says nothing. */
    private void written(ChannelFuture piece) {
        if (!piece.isSuccess() && !(piece.cause() instanceof ClosedChannelException)) {
            connection.cutOff();
        }
    }

    @Override
    public void onError(Throwable failure) {
        run(() -> broken(String.valueOf(failure.getMessage())));
    }

    private void broken(String what) {
        if (!stopped) {
            stop();
            connection.fail(Kind.REQUEST_BODY, "the client's content failed: " + what);
        }
    }

    @Override
    public void onComplete() {
        run(this::end);
    }

    private void end() {
        if (stopped) {
            return;
        }
        if (left > 0) {
            broken("it ended before its length");
            return;
        }
        stopped = true;
        connection.stalled(true);
        ByteBuf last = chunked
                ? channel.alloc().directBuffer(5).writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII))
                : channel.alloc().buffer(0);
        channel.writeAndFlush(last, watched()).addListener(sent -> {
            if (sent.isSuccess()) {
                request.contentSent();
            }
        });
    }

    /** Takes no more of it. */
    void stop() {
        if (!stopped) {
            stopped = true;
            if (source != null) {
                source.cancel();
            }
        }
    }
}
