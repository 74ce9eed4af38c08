package com.kingcdn.redirector.server;

import com.kingcdn.redirector.transfer.ZoneRequests;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way back of an answer that is made on another thread: one datagram, or any number of messages on a connection. Each message waits
 * until the one before is with the system, so a slow client holds one message and not a zone.
 *
 * @param datagramTo null on a connection
 */
record LaterAnswer(Channel channel, @Nullable InetSocketAddress datagramTo) implements ZoneRequests.Answer {

    private static final int SECONDS = 30;

    /** When a connection's last message of this kind went out, in nanoseconds: until then nothing was read, and it was not idle. */
    private static final AttributeKey<Long> SENT = AttributeKey.valueOf(LaterAnswer.class, "sent");

    /** Whether a transfer goes out on the connection, or did so a moment ago. */
    static boolean isSending(Channel connection) {
        @Nullable Long sent = connection.attr(SENT).get();
        return sent != null && System.nanoTime() - sent < TimeUnit.SECONDS.toNanos(SECONDS);
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
        return channel.writeAndFlush(
                datagramTo != null
                        ? new DatagramPacket(out.writeBytes(message), datagramTo)
                        : out.writeShort(message.length).writeBytes(message));
    }
}
