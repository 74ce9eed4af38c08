package com.kingcdn.edge.probe;

import com.kingcdn.control.RttMethod;
import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.transport.TransportKind;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ways to probe targets of one address family, as far as this process has them. To be opened and closed outside of its event loop. */
final class FamilyProbes {

    private static final Logger log = LoggerFactory.getLogger(FamilyProbes.class);

    private final EventLoop loop;
    private final ProbeListener listener;
    private final @Nullable InetSocketAddress tcpSource;
    private final TcpProbes tcp;
    private final @Nullable DnsProbes dns;
    private final @Nullable IcmpProbes icmp;

    /**
     * Opens its sockets. What cannot be had is not among the ways.
     *
     * @param source where probes come from; the unspecified address for the kernel's choice
     */
    FamilyProbes(ProbeProperties settings, InetAddress source, Transport transport, ProbeListener listener) {
        this.listener = listener;
        long timeout = settings.timeout().toMillis();
        loop = transport.group().next();
        tcp = new TcpProbes(loop, transport.connecting(), timeout, listener);
        tcpSource = source.isAnyLocalAddress() ? null : new InetSocketAddress(source, 0);
        dns = settings.methods().contains(RttMethod.DNS) ? dns(source, timeout, transport) : null;
        icmp = settings.methods().contains(RttMethod.ICMP) ? icmp(source, timeout, transport) : null;
    }

    private @Nullable DnsProbes dns(InetAddress source, long timeout, Transport transport) {
        try {
            return DnsProbes.open(transport.datagram(), new InetSocketAddress(source, 0), waiting(timeout), loop);
        } catch (Exception e) {
            // Netty throws the kernel's errors as they are, which are no RuntimeExceptions
            log.warn("no probes by DNS from {}: {}", source.getHostAddress(), e.toString());
            return null;
        }
    }

    private @Nullable IcmpProbes icmp(InetAddress source, long timeout, Transport transport) {
        boolean ipv4 = source instanceof Inet4Address;
        try {
            if (transport.kind() != TransportKind.EPOLL) {
                throw new IOException("it takes Linux's epoll");
            }
            return IcmpProbes.open(EchoSocket.open(ipv4), source, waiting(timeout), loop);
        } catch (Exception e) {
            if (ipv4) {
                log.info("no probes by ICMP echo: {}", String.valueOf(e.getMessage()));
            } else {
                // most often for the same reason
                log.debug("no probes by ICMP echo over IPv6: {}", String.valueOf(e.getMessage()));
            }
            return null;
        }
    }

    private WaitingProbes waiting(long timeout) {
        return new WaitingProbes(loop, timeout, listener);
    }

    boolean canProbeBy(RttMethod method) {
        return switch (method) {
            case DNS -> dns != null;
            case TCP -> true;
            case ICMP -> icmp != null;
            case PASSIVE -> false;
        };
    }

    void send(Probe probe, InetAddress address) {
        RttMethod method = probe.step().method();
        if (method == RttMethod.TCP) {
            tcp.send(probe, new InetSocketAddress(address, probe.step().port()), tcpSource);
        } else if (method == RttMethod.DNS && dns != null) {
            dns.send(probe, new InetSocketAddress(address, probe.step().port()));
        } else if (method == RttMethod.ICMP && icmp != null) {
            icmp.send(probe, address);
        } else {
            // the other family has this way
            loop.execute(() -> listener.unsent(probe));
        }
    }

    void close() {
        if (dns != null) {
            dns.close();
        }
        if (icmp != null) {
            icmp.close();
        }
    }
}
