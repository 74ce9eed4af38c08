package com.kingcdn.redirector.server;

import com.kingcdn.redirector.transfer.ZoneRequests;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The way back of an answer that is made on another thread: one datagram, or any number of messages on a connection. Each message waits
 * until the one before is with the system, so a slow client holds one message and not a zone.
 */
final class LaterAnswer implements ZoneRequests.Answer {

    private static final int SECONDS = 30;

    /** When a connection's last message of this kind went out, in nanoseconds: until then nothing was read, and it was not idle. */
    private static final AttributeKey<Long> SENT = AttributeKey.valueOf(LaterAnswer.class, "sent");

    /** How many requests of a connection have not been answered yet. */
    private static final AttributeKey<AtomicInteger> UNANSWERED = AttributeKey.valueOf(LaterAnswer.class, "unanswered");

    private final Channel channel;
    private final @Nullable InetSocketAddress datagramTo;
    private final @Nullable AtomicInteger unanswered;
    private final AtomicBoolean begun = new AtomicBoolean();

    private LaterAnswer(Channel channel, @Nullable InetSocketAddress datagramTo, @Nullable AtomicInteger unanswered) {
        this.channel = channel;
        this.datagramTo = datagramTo;
        this.unanswered = unanswered;
    }

    static LaterAnswer toDatagram(Channel socket, InetSocketAddress client) {
        return new LaterAnswer(socket, client, null);
    }

    /** For the loop of the connection. */
    static LaterAnswer on(Channel connection) {
        @Nullable AtomicInteger unanswered = connection.attr(UNANSWERED).get();
        if (unanswered == null) {
            unanswered = new AtomicInteger();
            connection.attr(UNANSWERED).set(unanswered);
        }
        unanswered.incrementAndGet();
        return new LaterAnswer(connection, null, unanswered);
    }

    /** Whether a transfer goes out on the connection, or did so a moment ago. */
    static boolean isSending(Channel connection) {
        @Nullable Long sent = connection.attr(SENT).get();
        return sent != null && System.nanoTime() - sent < TimeUnit.SECONDS.toNanos(SECONDS);
    }

    /**
     * Whether a connection waits for an answer. Some requests get none, so for a bounded time.
     *
     * @param asked when its last request came, as {@link System#nanoTime}
     */
    static boolean isAwaited(Channel connection, long asked) {
        @Nullable AtomicInteger unanswered = connection.attr(UNANSWERED).get();
        return unanswered != null
                && unanswered.get() > 0
                && System.nanoTime() - asked < TimeUnit.SECONDS.toNanos(SECONDS);
    }

    @Override
    public boolean isDatagram() {
        return datagramTo != null;
    }

    @Override
    public boolean send(byte[] message) {
        if (!channel.isActive()) {
            return false;
        }
        if (datagramTo != null) {
            write(message);
            return true;
        }
        channel.attr(SENT).set(System.nanoTime());
        ChannelFuture written = write(message);
        if (!written.awaitUninterruptibly(SECONDS, TimeUnit.SECONDS)) {
            channel.close();
        }
        return written.isSuccess();
    }

    /** What is unsent of these is bounded by those that wait to be answered: none of the connection is read while its buffer is full. */
    @Override
    public void reply(byte[] message) {
        if (channel.isActive()) {
            write(message);
        }
    }

    private ChannelFuture write(byte[] message) {
        ByteBuf out = channel.alloc().directBuffer(2 + message.length);
        ChannelFuture written = channel.writeAndFlush(
                datagramTo != null
                        ? new DatagramPacket(out.writeBytes(message), datagramTo)
                        : out.writeShort(message.length).writeBytes(message));
        if (unanswered != null && begun.compareAndSet(false, true)) {
            countWhenSent(unanswered, written);
        }
        return written;
    }

    /** Not before: an idle connection is closed at once, and the answer would be lost with it. */
    private static void countWhenSent(AtomicInteger unanswered, ChannelFuture written) {
        written.addListener(sent -> unanswered.decrementAndGet());
    }
}
