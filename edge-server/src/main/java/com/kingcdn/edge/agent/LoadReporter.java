package com.kingcdn.edge.agent;

import com.kingcdn.control.LoadReport;
import com.kingcdn.control.client.ControlPlaneClient;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/** Reports every few seconds how much this edge does. A lost report is not repeated: the next one says more. */
final class LoadReporter {

    static final Duration PERIOD = Duration.ofSeconds(5);

    private final EdgeIdentity identity;
    private final ControlPlaneClient control;
    private final LoadCounters counters;
    private final Scheduler scheduler;

    private long atNanos;
    private long requests;
    private long bytesSent;

    LoadReporter(EdgeIdentity identity, ControlPlaneClient control, LoadCounters counters, Scheduler scheduler) {
        this.identity = identity;
        this.control = control;
        this.counters = counters;
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
                null);
        atNanos = nowNanos;
        requests = requestsNow;
        bytesSent = bytesNow;
        return report;
    }
}
