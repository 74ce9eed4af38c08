package com.kingcdn.edge.agent;

import com.kingcdn.control.HealthReport;
import com.kingcdn.control.client.ControlPlaneClient;
import com.kingcdn.edge.agent.ReportOutbox.Batch;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The pulse of the edge: a health report each second, and at once when something waits in the outbox, one at a time. It has a thread
 * of its own, since a slow disk under the applier must not look like a dead edge.
 */
final class HealthReporter {

    private static final Logger log = LoggerFactory.getLogger(HealthReporter.class);

    static final Duration PERIOD = Duration.ofSeconds(1);

    /** What happens within this time goes into one report. */
    static final Duration COALESCE = Duration.ofMillis(20);

    /** The least time between two reports that are not the period's: under many purges, receipts go together. */
    static final Duration PACE = Duration.ofMillis(500);

    private final ControlPlaneClient control;
    private final ReportOutbox outbox;
    private final Function<Batch, HealthReport> report;
    private final Scheduler scheduler;
    private final AtomicBoolean kicked = new AtomicBoolean();

    private volatile long sentAtNanos = System.nanoTime() - PACE.toNanos();

    // of the scheduler's thread alone
    private boolean underWay;
    private Mono<Void> present = Mono.empty();
    private boolean again;
    private boolean refused;

    /**
     * @param report made anew for each sending
     * @param scheduler with a single thread
     */
    HealthReporter(
            ControlPlaneClient control,
            ReportOutbox outbox,
            Function<Batch, HealthReport> report,
            Scheduler scheduler) {
        this.control = control;
        this.outbox = outbox;
        this.report = report;
        this.scheduler = scheduler;
    }

    Disposable start() {
        return scheduler.schedulePeriodically(this::sendPeriodic, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Reports soon; any thread may call it, as often as it likes. */
    void reportSoon() {
        if (kicked.compareAndSet(false, true)) {
            try {
                long sinceLast = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sentAtNanos);
                long wait = Math.max(COALESCE.toMillis(), PACE.toMillis() - sinceLast);
                scheduler.schedule(this::sendKicked, wait, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                log.debug("Not reporting: the agent has stopped");
            }
        }
    }

    /** Reports once what is under way has come, so that this is the last word; completes also when that failed. */
    Mono<Void> reportNow() {
        return Mono.defer(() -> present)
                .subscribeOn(scheduler)
                .timeout(PERIOD)
                .onErrorComplete()
                .then(Mono.defer(() -> control.report(report.apply(outbox.next()))))
                .onErrorComplete();
    }

    /** Unless one for the outbox has just said the same. */
    private void sendPeriodic() {
        if (System.nanoTime() - sentAtNanos >= PACE.toNanos()) {
            send();
        }
    }

    private void sendKicked() {
        kicked.set(false);
        sentAtNanos = System.nanoTime();
        send();
    }

    private void send() {
        if (underWay) {
            again = true;
            return;
        }
        underWay = true;
        again = false;
        Batch batch = outbox.next();
        Mono<Void> sending = control.report(report.apply(batch)).cache();
        present = sending;
        sending.publishOn(scheduler).subscribe(nothing -> {}, this::refused, () -> accepted(batch));
    }

    private void accepted(Batch batch) {
        underWay = false;
        if (refused) {
            refused = false;
            log.info("Health reports are accepted again");
        }
        outbox.accepted(batch);
        if (again || !outbox.isEmpty()) {
            reportSoon();
        }
    }

    /** What was in it waits for the next period. */
    private void refused(Throwable failure) {
        underWay = false;
        if (!refused) {
            refused = true;
            log.warn("No redirector accepts health reports, so none will send clients here: {}", failure.getMessage());
        }
    }
}
