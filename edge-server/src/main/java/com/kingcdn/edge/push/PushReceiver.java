package com.kingcdn.edge.push;

import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import com.kingcdn.edge.distribution.DistributionTable;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * The receiving end of a push: runs fill plans, each in its window, a few at a time.
 *
 * <p>A path is fetched through the cache, so it is stored under the same rules as what clients ask for, and what is there already is
 * not fetched again: a plan that comes twice, or again after a restart, costs little. Then it is pinned.
 */
public final class PushReceiver implements FillListener, AutoCloseable {

    /** Plans that run at the same time; the others wait in order of their windows. */
    static final int MAX_FILLS = 2;

    private final DistributionTable distributions;
    private final Filler filler;
    private final Scheduler scheduler;
    private final Map<String, FillRun> runs = new ConcurrentHashMap<>();
    private final Sinks.Many<FillRun> open = Sinks.many().unicast().onBackpressureBuffer();
    private final Disposable work;

    /**
     * Begins to take fills.
     *
     * @param scheduler the clock of the windows and of all waiting, with one thread
     */
    public PushReceiver(DistributionTable distributions, Filler filler, Scheduler scheduler) {
        this.distributions = distributions;
        this.filler = filler;
        this.scheduler = scheduler;
        this.work = Mono.fromCompletionStage(filler::ready)
                .onErrorComplete()
                .thenMany(open.asFlux())
                .publishOn(scheduler)
                .flatMap(run -> run.execute().doFinally(end -> runs.remove(run.id(), run)), MAX_FILLS, 1)
                .subscribe();
    }

    @Override
    public void fill(String id, FillPlan plan, Consumer<FillProgress> progress) {
        FillRun run = new FillRun(
                new PlannedPaths(plan, distributions),
                new ProgressReport(id, plan, progress, scheduler),
                filler,
                scheduler);
        if (runs.putIfAbsent(id, run) == null) {
            PushMetrics.FILLS.inc();
            run.waiting();
            long wait = plan.notBefore() == null
                    ? 0
                    : plan.notBefore().toEpochMilli() - scheduler.now(TimeUnit.MILLISECONDS);
            Mono.delay(Duration.ofMillis(Math.max(0, wait)), scheduler).subscribe(now -> open(run));
        }
    }

    private synchronized void open(FillRun run) {
        open.emitNext(run, Sinks.EmitFailureHandler.FAIL_FAST);
    }

    @Override
    public void cancel(String id, @Nullable FillPlan plan) {
        FillRun run = runs.remove(id);
        PlannedPaths paths = plan == null ? null : new PlannedPaths(plan, distributions);
        if (run != null) {
            run.cancel();
            paths = run.paths();
        }
        if (paths != null) {
            unpin(paths);
        }
    }

    private void unpin(PlannedPaths paths) {
        // on the thread that pins, so that nothing is pinned afterwards
        filler.ready().thenRun(() -> scheduler.schedule(() -> paths.forEachKnown(filler::unpin)));
    }

    /** Stops all fills where they are; they report nothing more. */
    @Override
    public void close() {
        work.dispose();
        runs.clear();
    }
}
