package com.kingcdn.edge.probe;

import com.kingcdn.control.ProbeTargets;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.edge.transport.Transport;
import com.kingcdn.edge.transport.TransportKind;
import io.netty.channel.EventLoop;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The sender of probes. It has a thread of its own, since what waits behind content on an event loop would be measured as delay of the
 * network. Safe for several threads.
 */
public final class RttProber implements AutoCloseable {

    // ICMP sockets are adopted by epoll's loops; for so few packets io_uring is no quicker
    private final Transport transport = Transport.open("probe", 1, TransportKind.EPOLL);
    private final EventLoop loop = transport.group().next();
    private final FamilyProbes ipv4;
    private final FamilyProbes ipv6;

    // of the event loop alone
    private final ProbeSchedule schedule;
    private @Nullable Future<?> wake;
    private long wakeMillis;
    private volatile boolean closed;

    /** Opens its sockets; probes nobody yet. */
    public RttProber(ProbeProperties settings) {
        ProbeListener listener = new Outcomes();
        ipv4 = new FamilyProbes(settings, source(settings, "0.0.0.0"), transport, listener);
        ipv6 = new FamilyProbes(settings, source(settings, "::"), transport, listener);
        List<ProbeStep> steps = settings.steps().stream()
                .filter(step -> ipv4.canProbeBy(step.method()) || ipv6.canProbeBy(step.method()))
                .toList();
        schedule = new ProbeSchedule(settings, steps, new SplittableRandom(), now());
    }

    private static InetAddress source(ProbeProperties settings, String any) {
        InetAddress kernels = literal(any);
        return settings.source().stream()
                .map(RttProber::literal)
                .filter(address -> address.getClass() == kernels.getClass())
                .findFirst()
                .orElse(kernels);
    }

    private static InetAddress literal(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("checked when the settings were read", e);
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
        (address instanceof Inet4Address ? ipv4 : ipv6).send(probe, address);
    }

    @Override
    public void close() {
        closed = true;
        ipv4.close();
        ipv6.close();
        transport.close();
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** Hands over to the schedule what has come of probes. */
    private final class Outcomes implements ProbeListener {

        @Override
        public void answered(Probe probe, long nanos) {
            ProbeMetrics.answered(probe.step().method());
            schedule.answered(probe, nanos / 1e6, now());
            wakeAt(now() + schedule.waitMillis(now()));
        }

        @Override
        public void lost(Probe probe) {
            ProbeMetrics.lost(probe.step().method());
            schedule.lost(probe, now());
            wakeAt(now() + schedule.waitMillis(now()));
        }

        @Override
        public void unsent(Probe probe) {
            ProbeMetrics.unsent(probe.step().method());
            schedule.unsent(probe, now());
            wakeAt(now() + schedule.waitMillis(now()));
        }
    }
}
