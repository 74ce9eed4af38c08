package com.kingcdn.edge.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.channel.unix.UnixChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
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

    private static final RawUnixChannelOption TCP_INFO =
            new RawUnixChannelOption("TCP_INFO", 6, 11, ACKNOWLEDGED_AT + Long.BYTES);

    private final Channel channel;
    private final boolean local;

    /** How often to look yet. */
    private int looks = 8;

    private SendBuffer(Channel channel, boolean local) {
        this.channel = channel;
        this.local = local;
    }

    /** That of a connection. */
    public static SendBuffer of(Channel channel) {
        return new SendBuffer(channel, isLocal(channel.localAddress(), channel.remoteAddress()));
    }

    /** That of a connection whose client is taken for one on another machine. */
    static SendBuffer ofRemote(Channel channel) {
        return new SendBuffer(channel, false);
    }

    /**
     * Bounds it if the client is near. Of one on another machine that is known once it has acknowledged something that we have sent: the
     * handshake may have been answered in its place, by a SYN proxy. Does nothing before, nothing after some attempts, and nothing on
     * a channel that has ended.
     */
    public void fit() {
        if (looks == 0) {
            return;
        }
        looks--;
        if (channel instanceof UnixChannel && channel.isActive() && (local || isNear(roundTrip()))) {
            looks = 0;
            channel.config().setOption(ChannelOption.SO_SNDBUF, NEAR_OCTETS);
        }
    }

    /** Whether a client is on this machine, where nobody answers in its place, and what lies in queues says nothing of the way. */
    static boolean isLocal(@Nullable SocketAddress server, @Nullable SocketAddress client) {
        return server instanceof InetSocketAddress ours
                && client instanceof InetSocketAddress theirs
                && theirs.getAddress() != null
                && (theirs.getAddress().isLoopbackAddress()
                        || theirs.getAddress().equals(ours.getAddress()));
    }

    /** What lies in queues, and what a client waits with its acknowledgements, counts as distance. */
    static boolean isNear(int micros) {
        return micros > 0 && micros <= NEAR_MICROS;
    }

    /** In microseconds; zero where it is unknown, as it is before anything is acknowledged. */
    private int roundTrip() {
        @Nullable ByteBuffer info = channel.config().getOption(TCP_INFO);
        return info == null || info.order(ByteOrder.nativeOrder()).getLong(ACKNOWLEDGED_AT) == 0
                ? 0
                : info.getInt(SMOOTHED_AT);
    }
}
