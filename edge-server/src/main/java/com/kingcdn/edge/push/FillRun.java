package com.kingcdn.edge.push;

import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.topology.Distribution;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.util.retry.Retry;

/** One plan being carried out: path after path, a few at a time, at the plan's pace, until all are done or the window closes. */
final class FillRun {

    /** Paths of one plan that are fetched at the same time. */
    static final int MAX_PATHS = 2;

    /** How often a path is tried again. */
    static final int RETRIES = 3;

    static final Duration FIRST_BACK_OFF = Duration.ofSeconds(1);

    /** What may be fetched before it must have reached the disk, so that fetching is never faster than storing. */
    private static final long UNSYNCED_BYTES = 4 << 20;

    private static final Logger LOGGER = LoggerFactory.getLogger(FillRun.class);

    private final PlannedPaths paths;
    private final ProgressReport progress;
    private final Filler filler;
    private final Scheduler scheduler;
    private final RateLimit rate;
    private final AtomicBoolean told = new AtomicBoolean();
    private final Sinks.One<Boolean> stop = Sinks.one();

    FillRun(PlannedPaths paths, ProgressReport progress, Filler filler, Scheduler scheduler) {
        this.paths = paths;
        this.progress = progress;
        this.filler = filler;
        this.scheduler = scheduler;
        this.rate = new RateLimit(paths.plan().bytesPerSecond());
    }

    String id() {
        return progress.id();
    }

    void waiting() {
        progress.enter(FillProgress.State.WAITING);
    }

    /** Stops; may be called from any thread, also when it has not begun. */
    void cancel() {
        stop.tryEmitValue(true);
        progress.enter(FillProgress.State.CANCELLED);
    }

    PlannedPaths paths() {
        return paths;
    }

    /** Carries the plan out; completes when it has ended, in whichever way. */
    Mono<Void> execute() {
        return Mono.defer(() -> {
                    progress.enter(FillProgress.State.RUNNING);
                    return Flux.fromIterable(paths.plan().paths())
                            .flatMap(this::path, MAX_PATHS, 1)
                            .then(Mono.fromRunnable(progress::end));
                })
                .takeUntilOther(windowEnd())
                .takeUntilOther(stop.asMono())
                .then()
                .onErrorResume(failure -> {
                    LOGGER.error("fill {} failed", id(), failure);
                    progress.fail("an error in the edge: " + failure);
                    return Mono.empty();
                });
    }

    private Mono<Void> windowEnd() {
        FillPlan plan = paths.plan();
        if (plan.notAfter() == null) {
            return Mono.never();
        }
        long left = plan.notAfter().toEpochMilli() - scheduler.now(TimeUnit.MILLISECONDS);
        return Mono.delay(Duration.ofMillis(Math.max(0, left)), scheduler)
                .doOnNext(now -> progress.fail("the window closed before all paths were done"))
                .then();
    }

    private Mono<Void> path(String path) {
        return Mono.defer(() -> fetchAndPin(path))
                .retryWhen(Retry.backoff(RETRIES, FIRST_BACK_OFF)
                        .scheduler(scheduler)
                        .filter(failure -> failure instanceof FillFailure fill && fill.retryable())
                        .onRetryExhaustedThrow((retry, signal) -> signal.failure()))
                .doOnSuccess(nothing -> {
                    PushMetrics.FILLED.inc();
                    progress.pathDone();
                })
                .onErrorResume(failure -> {
                    PushMetrics.FAILED.inc();
                    progress.pathFailed(path + ": " + failure.getMessage());
                    log(path, failure);
                    return Mono.empty();
                });
    }

    /** A plan has thousands of paths, and mostly one reason. */
    private void log(String path, Throwable failure) {
        if (!(failure instanceof FillFailure)) {
            LOGGER.warn("fill {}: {} failed", id(), path, failure);
        } else if (!told.getAndSet(true)) {
            LOGGER.warn(
                    "fill {}: {}: {}; further paths of it that fail are only counted",
                    id(),
                    path,
                    failure.getMessage());
        }
    }

    private Mono<Void> fetchAndPin(String path) {
        Distribution distribution = paths.distribution();
        List<CacheRequest> requests = PlannedPaths.requests(distribution, path);
        if (requests.isEmpty()) {
            return Mono.error(new FillFailure("distribution '" + distribution.id() + "' has no host", false));
        }
        return Flux.fromIterable(requests)
                .concatMap(request -> fetch(distribution, request), 1)
                .then();
    }

    private Mono<Void> fetch(Distribution distribution, CacheRequest request) {
        long[] unsynced = {0};
        return filler.fetch(distribution, request)
                .concatMap(
                        octets -> {
                            PushMetrics.BYTES.inc(octets);
                            progress.fetched(octets);
                            unsynced[0] += octets;
                            Mono<Void> synced = Mono.empty();
                            if (unsynced[0] >= UNSYNCED_BYTES) {
                                unsynced[0] = 0;
                                synced = sync();
                            }
                            return synced.then(pause(octets));
                        },
                        1)
                .then(Mono.defer(this::sync))
                .then(Mono.defer(() -> pin(distribution, request)))
                .then(Mono.defer(this::sync));
    }

    private Mono<Void> pause(int octets) {
        long nanos = rate.take(octets, scheduler.now(TimeUnit.NANOSECONDS));
        return nanos == 0
                ? Mono.empty()
                : Mono.delay(Duration.ofNanos(nanos), scheduler).then();
    }

    private Mono<Void> sync() {
        return Mono.fromCompletionStage(filler::sync)
                .onErrorMap(failure -> new FillFailure("the disk tier cannot be written", true))
                // away from the disk's thread, which has other things to do
                .publishOn(scheduler)
                .then();
    }

    private Mono<Void> pin(Distribution distribution, CacheRequest request) {
        return Mono.fromRunnable(() -> filler.pin(distribution, request));
    }
}
