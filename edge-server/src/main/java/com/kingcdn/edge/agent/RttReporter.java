package com.kingcdn.edge.agent;

import com.kingcdn.control.RttReport;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.control.client.ControlPlaneClient;
import com.kingcdn.edge.probe.PassiveRtt;
import com.kingcdn.edge.probe.RttProber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * What the edge measures of the network, on its way to the redirectors, and whom they want probed, on its way back. A lost report is not
 * repeated: the next one says more. With no redirector in reach the edge goes on probing those it was told last.
 */
public final class RttReporter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RttReporter.class);

    /** Measurements in one report: with some hundred bytes each they are far below what the API takes. */
    private static final int MOST_IN_A_REPORT = 2_000;

    /**
     * When it does what.
     *
     * @param refresh how often redirectors are asked whom to probe
     * @param passive how often connections are sampled; zero for never
     * @param report how often what is new is reported
     */
    public record Periods(Duration refresh, Duration passive, Duration report) {}

    private final EdgeIdentity identity;
    private final ControlPlaneClient control;
    private final @Nullable RttProber prober;
    private final PassiveRtt passive;
    private final Runnable sampling;
    private final Periods periods;
    private final Scheduler scheduler = Schedulers.newSingle("edge-rtt", true);
    private final Disposable.Composite running = Disposables.composite();

    // of the scheduler's thread alone
    private boolean refused;

    /**
     * @param prober null when this edge probes nobody; closed by whoever made it
     * @param sampling has connections sampled for {@code passive}
     */
    public RttReporter(
            EdgeIdentity identity,
            ControlPlaneClient control,
            @Nullable RttProber prober,
            PassiveRtt passive,
            Runnable sampling,
            Periods periods) {
        this.identity = identity;
        this.control = control;
        this.prober = prober;
        this.passive = passive;
        this.sampling = sampling;
        this.periods = periods;
    }

    /** Measures and reports from now on. */
    public void start() {
        RttProber probing = prober;
        if (probing != null) {
            running.add(every(periods.refresh(), () -> refresh(probing)));
        }
        if (!periods.passive().isZero()) {
            running.add(every(periods.passive(), sampling));
        }
        running.add(every(periods.report(), this::report));
    }

    private Disposable every(Duration period, Runnable task) {
        return scheduler.schedulePeriodically(task, 0, period.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void refresh(RttProber probing) {
        control.probeTargets()
                .publishOn(scheduler)
                .subscribe(
                        targets -> {
                            refused = false;
                            probing.replace(targets);
                        },
                        this::refused);
    }

    private void refused(Throwable failure) {
        if (!refused) {
            refused = true;
            log.info("No redirector says whom to probe, so it stays as it was: {}", failure.getMessage());
        }
    }

    private void report() {
        RttProber probing = prober;
        Mono<List<Measurement>> probed =
                probing == null ? Mono.just(List.of()) : Mono.fromCompletionStage(probing::measurements);
        probed.map(this::all)
                .flatMapMany(all -> Flux.fromIterable(all).buffer(MOST_IN_A_REPORT))
                .concatMap(some -> control.report(new RttReport(identity.node(), identity.cluster(), some))
                        .onErrorComplete())
                .subscribe();
    }

    private List<Measurement> all(List<Measurement> probed) {
        List<Measurement> all = new ArrayList<>(probed);
        all.addAll(passive.measurements());
        return all;
    }

    @Override
    public void close() {
        running.dispose();
        scheduler.dispose();
    }
}
