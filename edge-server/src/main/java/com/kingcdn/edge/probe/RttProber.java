package com.kingcdn.edge.probe;

import com.kingcdn.control.ProbeTargets;
import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.edge.transport.Transport;
import io.netty.channel.EventLoop;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sender of probes. It has a thread of its own, since what waits behind content on an event loop would be measured as delay of the
 * network. Safe for several threads.
 *
 * <p>ICMP is not among the ways: Java has no socket for it without the privilege that also lets a process read everybody's packets,
 * {@code InetAddress.isReachable} does not tell whether it has used it, and a {@code ping} process for each probe is a fork each (ADR 17).
 */
public final class RttProber implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RttProber.class);

    private final Transport transport = Transport.open("probe", 1);
    private final EventLoop loop = transport.group().next();
    private final @Nullable InetSocketAddress source4;
    private final @Nullable InetSocketAddress source6;
    private final @Nullable DnsProbes dns4;
    private final @Nullable DnsProbes dns6;
    private final TcpProbes tcp;

    // of the event loop alone
    private final ProbeSchedule schedule;
    private @Nullable Future<?> wake;
    private long wakeMillis;
    private volatile boolean closed;

    /** Opens its sockets; probes nobody yet. */
    public RttProber(ProbeProperties settings) {
        schedule = new ProbeSchedule(settings, new SplittableRandom(), now());
        source4 = source(settings, true);
        source6 = source(settings, false);
        long timeout = settings.timeout().toMillis();
        ProbeListener listener = new Outcomes();
        dns4 = open(source4, "0.0.0.0", timeout, listener);
        dns6 = open(source6, "::", timeout, listener);
        tcp = new TcpProbes(loop, transport.connecting(), timeout, listener);
    }

    private static @Nullable InetSocketAddress source(ProbeProperties settings, boolean ipv4) {
        for (String text : settings.source()) {
            InetAddress address = literal(text);
            if (address instanceof Inet4Address == ipv4) {
                return new InetSocketAddress(address, 0);
            }
        }
        return null;
    }

    private static InetAddress literal(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("checked when the settings were read", e);
        }
    }

    private @Nullable DnsProbes open(
            @Nullable InetSocketAddress source, String any, long timeout, ProbeListener listener) {
        InetSocketAddress address = source == null ? new InetSocketAddress(literal(any), 0) : source;
        try {
            return DnsProbes.open(loop, transport.datagram(), address, timeout, listener);
        } catch (RuntimeException e) {
            log.warn("no probes by DNS from {}: {}", address.getAddress().getHostAddress(), e.toString());
            return null;
        }
    }

    /** Probes these from now on. */
    public void replace(ProbeTargets targets) {
        run(() -> {
            schedule.replace(targets.targets(), targets.optOut(), now());
            count();
            probe();
        });
    }

    /** What is new since the last call; empty once this is closed. */
    public CompletionStage<List<Measurement>> measurements() {
        CompletableFuture<List<Measurement>> result = new CompletableFuture<>();
        if (!run(() -> {
            count();
            result.complete(schedule.measurements(now()));
        })) {
            result.complete(List.of());
        }
        return result;
    }

    private boolean run(Runnable task) {
        if (closed) {
            return false;
        }
        loop.execute(task);
        return true;
    }

    private void count() {
        ProbeSchedule.Census census = schedule.census();
        ProbeMetrics.ANSWERING.set(census.answering());
        ProbeMetrics.SILENT.set(census.silent());
        ProbeMetrics.UNTRIED.set(census.untried());
    }

    private void probe() {
        for (Probe next = schedule.next(now()); next != null; next = schedule.next(now())) {
            send(next);
        }
        wakeAt(now() + schedule.waitMillis(now()));
    }

    private void wakeAt(long millis) {
        Future<?> before = wake;
        if (before != null && !before.isDone()) {
            if (wakeMillis <= millis) {
                return;
            }
            before.cancel(false);
        }
        if (!closed) {
            wakeMillis = millis;
            wake = loop.schedule(this::woken, Math.max(1, millis - now()), TimeUnit.MILLISECONDS);
        }
    }

    private void woken() {
        wake = null;
        probe();
    }

    private void send(Probe probe) {
        InetAddress address;
        try {
            address = InetAddress.getByAddress(probe.target().bytes());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are always an address", e);
        }
        InetSocketAddress target = new InetSocketAddress(address, probe.step().port());
        boolean ipv4 = address instanceof Inet4Address;
        DnsProbes dns = ipv4 ? dns4 : dns6;
        if (probe.step().method() == RttMethod.TCP) {
            tcp.send(probe, target, ipv4 ? source4 : source6);
        } else if (dns != null) {
            dns.send(probe, target);
        } else {
            loop.execute(() -> new Outcomes().lost(probe));
        }
    }

    @Override
    public void close() {
        closed = true;
        if (dns4 != null) {
            dns4.close();
        }
        if (dns6 != null) {
            dns6.close();
        }
        transport.close();
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** Hands over to the schedule what has come of probes. */
    private final class Outcomes implements ProbeListener {

        @Override
        public void answered(Probe probe, long nanos) {
            ProbeMetrics.resolved(probe.step().method(), true);
            schedule.answered(probe, nanos / 1e6, now());
            wakeAt(now() + schedule.waitMillis(now()));
        }

        @Override
        public void lost(Probe probe) {
            ProbeMetrics.resolved(probe.step().method(), false);
            schedule.lost(probe, now());
            wakeAt(now() + schedule.waitMillis(now()));
        }
    }
}
