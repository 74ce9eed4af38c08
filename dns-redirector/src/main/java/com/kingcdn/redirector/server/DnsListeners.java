package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.QueryHandler;
import com.kingcdn.redirector.query.TcpKeepalive;
import com.kingcdn.redirector.transfer.ZoneRequests;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All the sockets of a redirector, open from {@link #open} to {@link #close}. */
public final class DnsListeners implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DnsListeners.class);
    /** A free UDP port may be taken for TCP: then another one is tried. */
    private static final int TRIES_FOR_A_FREE_PORT = 20;

    private final EventLoopGroup group;
    private final UdpListener udp;
    private final FloodGuard guard;
    private final TcpDnsServer tcp;
    private final @Nullable TcpDnsServer dot;
    private final @Nullable DohServer doh;

    private DnsListeners(
            EventLoopGroup group,
            UdpListener udp,
            FloodGuard guard,
            TcpDnsServer tcp,
            @Nullable TcpDnsServer dot,
            @Nullable DohServer doh) {
        this.group = group;
        this.udp = udp;
        this.guard = guard;
        this.tcp = tcp;
        this.dot = dot;
        this.doh = doh;
    }

    /**
     * Opens all sockets, or none.
     *
     * @param keepalive gets to know how long connections may be idle
     * @throws IOException when an address cannot be bound or a certificate cannot be used; the message says which
     */
    public static DnsListeners open(ListenerSettings settings, QueryHandler handler, TcpKeepalive keepalive)
            throws IOException {
        return open(settings, handler, keepalive, null);
    }

    /**
     * The same, for zone requests too.
     *
     * @param requests takes them; they are refused when null
     */
    public static DnsListeners open(
            ListenerSettings settings, QueryHandler handler, TcpKeepalive keepalive, @Nullable ZoneRequests requests)
            throws IOException {
        ConnectionMetrics.register();
        MessageFailures.register();
        DnsTransport transport = DnsTransport.best();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                settings.threads(), new DefaultThreadFactory("dns", true), transport.ioHandlers());
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            ConnectionLimits limits = new ConnectionLimits(settings.tcp(), keepalive);
            DnsListeners result = open(settings, new QueryTaker(handler, requests), limits, transport, group, opened);
            LOG.info(
                    "Answering DNS on {} (UDP and TCP, {}{}, {} thread(s)){}{}",
                    result.dnsAddress(),
                    transport,
                    MessageCalls.isAvailable() ? ", UDP by recvmmsg" : "",
                    settings.threads(),
                    result.dot == null ? "" : ", DNS over TLS on " + result.dot.address(),
                    result.doh == null ? "" : ", DNS over HTTPS on " + result.doh.address());
            return result;
        } catch (IOException | RuntimeException e) {
            closeAll(opened);
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    private static DnsListeners open(
            ListenerSettings settings,
            QueryTaker queries,
            ConnectionLimits limits,
            DnsTransport transport,
            EventLoopGroup group,
            Deque<AutoCloseable> opened)
            throws IOException {
        TcpDnsServer.Service plain = new TcpDnsServer.Service(queries, limits, null);
        UdpListener udp;
        TcpDnsServer tcp;
        for (int tries = settings.listen().getPort() == 0 ? TRIES_FOR_A_FREE_PORT : 1; ; tries--) {
            udp = MessageCalls.isAvailable()
                    ? BatchUdpServer.open(settings, queries)
                    : UdpDnsServer.open(settings, queries, transport, group);
            try {
                tcp = TcpDnsServer.open(udp.address(), plain, transport, group);
                break;
            } catch (IOException e) {
                udp.close();
                if (tries == 1) {
                    throw e;
                }
            }
        }
        opened.push(udp);
        opened.push(tcp);
        ListenerSettings.@Nullable Tls dot = settings.dot();
        @Nullable TcpDnsServer dotServer = null;
        if (dot != null) {
            TcpDnsServer.Service encrypted = new TcpDnsServer.Service(queries, limits, TlsCertificate.forDns(dot));
            dotServer = TcpDnsServer.open(dot.listen(), encrypted, transport, group);
            opened.push(dotServer);
        }
        @Nullable
        DohServer dohServer = settings.doh() == null ? null : DohServer.open(settings.doh(), queries.handler(), limits);
        FloodGuard guard = FloodGuard.start(udp, queries.handler().floods());
        return new DnsListeners(group, udp, guard, tcp, dotServer, dohServer);
    }

    private static void closeAll(Deque<AutoCloseable> opened) {
        for (AutoCloseable server : opened) {
            try {
                server.close();
            } catch (Exception e) {
                LOG.debug("closing what was opened", e);
            }
        }
    }

    /** Where UDP and TCP are answered. */
    public InetSocketAddress dnsAddress() {
        return udp.address();
    }

    /** Where DNS over TLS is answered, or null. */
    public @Nullable InetSocketAddress dotAddress() {
        return dot == null ? null : dot.address();
    }

    /** Where DNS over HTTPS is answered, or null. */
    public @Nullable InetSocketAddress dohAddress() {
        return doh == null ? null : doh.address();
    }

    /** Answers what has come so far, and takes no more. */
    @Override
    public void close() {
        tcp.stopAccepting();
        if (dot != null) {
            dot.stopAccepting();
        }
        guard.close();
        udp.close();
        tcp.drain();
        tcp.close();
        if (dot != null) {
            dot.drain();
            dot.close();
        }
        if (doh != null) {
            doh.close();
        }
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    }
}
