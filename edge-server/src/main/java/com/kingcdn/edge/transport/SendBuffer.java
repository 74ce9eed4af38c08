package com.kingcdn.edge.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.channel.unix.UnixChannel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * How much the kernel keeps of what is on its way to a client. Left to itself it lets that grow to megabytes for each connection, which
 * distance needs and a client in the same rack does not: what lies there has left the processor's cache when it is read (ADR 29).
 */
public final class SendBuffer {

    /** The longest round trip, in microseconds, of a client that is near: no further than another row of the same hall. */
    static final int NEAR_MICROS = 250;

    /** What is kept for it, in octets: the kernel takes the double, and 256 KiB in 250 µs are 8 Gbit/s. */
    static final int NEAR_OCTETS = 128 * 1024;

    /** Where Linux's {@code struct tcp_info} has {@code tcpi_rtt}, the smoothed round trip in microseconds. */
    private static final int SMOOTHED_AT = 68;

    /** Where it has {@code tcpi_bytes_acked}, the octets that the client has acknowledged. */
    private static final int ACKNOWLEDGED_AT = 120;

    /** Where it has {@code tcpi_min_rtt}, the least round trip of the last minutes in microseconds. */
    private static final int LEAST_AT = 148;

    private static final RawUnixChannelOption TCP_INFO =
            new RawUnixChannelOption("TCP_INFO", 6, 11, LEAST_AT + Integer.BYTES);

    private final Channel channel;

    /** The least round trip when the connection was new, so that of its handshake; in microseconds, not positive where it is unknown. */
    private final int handshake;

    /** How often to look yet. */
    private int looks = 8;

    private SendBuffer(Channel channel) {
        this.channel = channel;
        @Nullable ByteBuffer info = info();
        this.handshake = info == null ? 0 : info.getInt(LEAST_AT);
    }

    /** That of a connection on which nothing has been sent but a handshake. */
    public static SendBuffer of(Channel channel) {
        return new SendBuffer(channel);
    }

    /**
     * Bounds it if the client is near. That is known once the client has acknowledged something that we have sent: the handshake may
     * have been answered in its place, by a SYN proxy. Does nothing before, nothing after some attempts, and nothing on a channel that
     * has ended.
     */
    public void fit() {
        if (looks == 0) {
            return;
        }
        looks--;
        @Nullable ByteBuffer info = info();
        if (info != null
                && info.getLong(ACKNOWLEDGED_AT) != 0
                && isNear(handshake, info.getInt(SMOOTHED_AT), info.getInt(LEAST_AT))) {
            looks = 0;
            channel.config().setOption(ChannelOption.SO_SNDBUF, NEAR_OCTETS);
        }
    }

    /**
     * Whether a client is near. What lies in queues, and what a client waits with its acknowledgements, makes the smoothed round trip
     * longer than the way; the least one is the way's, but perhaps that to a SYN proxy: unless the client itself has been quicker.
     *
     * @param handshake the round trip of the handshake in microseconds, like the others
     */
    static boolean isNear(int handshake, int smoothed, int least) {
        return isShort(smoothed) || (isShort(least) && least < handshake);
    }

    private static boolean isShort(int micros) {
        return micros > 0 && micros <= NEAR_MICROS;
    }

    private @Nullable ByteBuffer info() {
        if (!(channel instanceof UnixChannel) || !channel.isActive()) {
            return null;
        }
        @Nullable ByteBuffer info = channel.config().getOption(TCP_INFO);
        return info == null ? null : info.order(ByteOrder.nativeOrder());
    }
}
