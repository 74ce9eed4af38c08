package com.kingcdn.edge.agent;

import com.kingcdn.control.LoadReport;
import com.kingcdn.control.client.ControlPlaneClient;
import com.kingcdn.edge.distribution.DistributionTraffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/** Reports every few seconds how much this edge does. A lost report is not repeated: the next one says more. */
final class LoadReporter {

    static final Duration PERIOD = Duration.ofSeconds(5);

    private final EdgeIdentity identity;
    private final ControlPlaneClient control;
    private final LoadCounters counters;
    private final DistributionTraffic traffic;
    private final Scheduler scheduler;

    private Map<String, Sent> sent = Map.of();
    private long atNanos;
    private long requests;
    private long bytesSent;

    /** What one distribution had got when it was reported last. */
    private record Sent(long requests, long bytes) {}

    LoadReporter(
            EdgeIdentity identity,
            ControlPlaneClient control,
            LoadCounters counters,
            DistributionTraffic traffic,
            Scheduler scheduler) {
        this.identity = identity;
        this.control = control;
        this.counters = counters;
        this.traffic = traffic;
        this.scheduler = scheduler;
    }

    Disposable start() {
        measure(System.nanoTime());
        return scheduler.schedulePeriodically(
                () -> control.report(measure(System.nanoTime()))
                        .onErrorComplete()
                        .subscribe(),
                PERIOD.toMillis(),
                PERIOD.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** The means since the last call. */
    LoadReport measure(long nowNanos) {
        long requestsNow = counters.requests().getAsLong();
        long bytesNow = counters.bytesSent().getAsLong();
        double seconds = Math.max(1e-9, (nowNanos - atNanos) / 1e9);
        LoadReport report = new LoadReport(
                identity.node(),
                identity.cluster(),
                (requestsNow - requests) / seconds,
                (bytesNow - bytesSent) * 8 / seconds,
                counters.openConnections().getAsLong(),
                counters.capacity(),
                ofDistributions(seconds));
        atNanos = nowNanos;
        requests = requestsNow;
        bytesSent = bytesNow;
        return report;
    }

    private List<LoadReport.OfDistribution> ofDistributions(double seconds) {
        Map<String, Sent> now = new HashMap<>();
        List<LoadReport.OfDistribution> loads = new ArrayList<>();
        traffic.counters().forEach((id, counter) -> {
            Sent all = new Sent(counter.requests(), counter.bytesSent());
            Sent before = sent.getOrDefault(id, new Sent(0, 0));
            now.put(id, all);
            // a limit that was taken away and set again begins at 0 anew
            loads.add(new LoadReport.OfDistribution(
                    id,
                    Math.max(0, all.requests() - before.requests()) / seconds,
                    Math.max(0, all.bytes() - before.bytes()) * 8 / seconds));
        });
        sent = now;
        return loads;
    }
}
