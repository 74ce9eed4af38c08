package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.TcpKeepalive;
import com.kingcdn.redirector.query.Transport;
import com.kingcdn.redirector.routing.Addresses;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The count of open connections, all together and by client, and how long they may be idle. Thread-safe.
 *
 * <p>A client is an IPv4 address, or a /64 of IPv6, which is what one host has. When more than half of all connections are taken, those
 * that are idle have less time, down to a tenth (RFC 9210 section 4.2), and clients that ask are told so (RFC 7828).
 */
final class ConnectionLimits {

    private static final int LEAST_SHARE = 10;

    private final ListenerSettings.Tcp settings;
    private final TcpKeepalive keepalive;
    private final AtomicInteger open = new AtomicInteger();
    private final ConcurrentHashMap<Long, Integer> byClient = new ConcurrentHashMap<>();
    private final UnreadMemory unread;

    ConnectionLimits(ListenerSettings.Tcp settings, TcpKeepalive keepalive) {
        this.settings = settings;
        this.keepalive = keepalive;
        this.unread = new UnreadMemory(settings.unfinished());
        keepalive.set(settings.idle());
    }

    /** Counts one more connection; false when it is one too many, and then it must not be released. */
    boolean acquire(InetAddress client) {
        if (open.incrementAndGet() > settings.connections()) {
            open.decrementAndGet();
            return false;
        }
        if (byClient.merge(key(client), 1, Integer::sum) > settings.connectionsPerClient()) {
            release(client);
            return false;
        }
        keepalive.set(idle());
        return true;
    }

    void release(InetAddress client) {
        open.decrementAndGet();
        byClient.computeIfPresent(key(client), (key, count) -> count == 1 ? null : count - 1);
        keepalive.set(idle());
    }

    /** Counts a connection for as long as it is open, or closes it at once; the result is whether it stays. */
    boolean accept(Channel connection, InetSocketAddress client, Transport transport) {
        InetAddress address = client.getAddress();
        if (!acquire(address)) {
            ConnectionMetrics.refused(transport);
            connection.close();
            return false;
        }
        ConnectionMetrics.opened(transport);
        connection.closeFuture().addListener(closed -> {
            ConnectionMetrics.closed(transport);
            release(address);
        });
        return true;
    }

    /** What messages take of which only a part has come. */
    UnreadMemory unread() {
        return unread;
    }

    /** How long a connection may go without a query at present. */
    Duration idle() {
        int half = settings.connections() / 2;
        int above = open.get() - half;
        if (above <= 0) {
            return settings.idle();
        }
        Duration least = settings.idle().dividedBy(LEAST_SHARE);
        int room = Math.max(1, settings.connections() - half);
        return settings.idle()
                .minus(settings.idle()
                        .minus(least)
                        .multipliedBy(Math.min(above, room))
                        .dividedBy(room));
    }

    private static Long key(InetAddress client) {
        byte[] address = client.getAddress();
        long high = Addresses.high(address);
        return address.length == 4 ? high >>> 32 : high;
    }
}
