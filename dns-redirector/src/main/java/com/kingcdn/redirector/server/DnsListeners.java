package com.kingcdn.redirector.server;

import com.kingcdn.redirector.query.QueryHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
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
    private final UdpDnsServer udp;
    private final TcpDnsServer tcp;
    private final @Nullable DohServer doh;

    private DnsListeners(EventLoopGroup group, UdpDnsServer udp, TcpDnsServer tcp, @Nullable DohServer doh) {
        this.group = group;
        this.udp = udp;
        this.tcp = tcp;
        this.doh = doh;
    }

    /**
     * Opens all sockets, or none.
     *
     * @throws IOException when an address cannot be bound or a certificate cannot be used; the message says which
     */
    public static DnsListeners open(ListenerSettings settings, QueryHandler handler) throws IOException {
        DnsTransport transport = DnsTransport.best();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                settings.threads(), new DefaultThreadFactory("dns", true), transport.ioHandlers());
        try {
            DnsListeners result = open(settings, handler, transport, group);
            LOG.info(
                    "Answering DNS on {} (UDP and TCP, {}, {} thread(s)){}",
                    result.dnsAddress(),
                    transport,
                    settings.threads(),
                    result.doh == null ? "" : ", DNS over HTTPS on " + result.doh.address());
            return result;
        } catch (IOException | RuntimeException e) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    private static DnsListeners open(
            ListenerSettings settings, QueryHandler handler, DnsTransport transport, EventLoopGroup group)
            throws IOException {
        int tries = settings.listen().getPort() == 0 ? TRIES_FOR_A_FREE_PORT : 1;
        while (true) {
            UdpDnsServer udp = UdpDnsServer.open(settings, handler, transport, group);
            try {
                TcpDnsServer tcp = TcpDnsServer.open(udp.address(), settings.tcp(), handler, transport, group);
                return new DnsListeners(
                        group, udp, tcp, settings.doh() == null ? null : DohServer.open(settings.doh(), handler));
            } catch (IOException e) {
                udp.close();
                if (--tries == 0) {
                    throw e;
                }
            }
        }
    }

    /** Where UDP and TCP are answered. */
    public InetSocketAddress dnsAddress() {
        return udp.address();
    }

    /** Where DNS over HTTPS is answered, or null. */
    public @Nullable InetSocketAddress dohAddress() {
        return doh == null ? null : doh.address();
    }

    @Override
    public void close() {
        udp.close();
        tcp.close();
        if (doh != null) {
            doh.close();
        }
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    }
}
