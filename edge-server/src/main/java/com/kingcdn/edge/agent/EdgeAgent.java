package com.kingcdn.edge.agent;

import com.kingcdn.control.HealthReport;
import com.kingcdn.control.client.ControlPlaneClient;
import com.kingcdn.edge.agent.ReportOutbox.Batch;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The edge's member of the control plane. In order: {@link #restore} before the content port opens, {@link #start} after, {@link
 * #stop} before the port closes.
 *
 * <p>It depends on nothing outside to serve: with no redirector in reach the edge starts from its state directory and goes on with
 * the last configuration it has heard.
 */
public final class EdgeAgent {

    private static final Logger log = LoggerFactory.getLogger(EdgeAgent.class);
    private static final Duration FAREWELL = Duration.ofSeconds(3);
    private static final Duration COMMIT_RETRY = Duration.ofSeconds(1);

    /** The least time between two commits: purges are true before, and only their receipts wait. */
    private static final Duration COMMIT_PACE = Duration.ofMillis(500);

    private final EdgeIdentity identity;
    private final ControlPlaneClient control;
    private final AgentTargets targets;
    private final Scheduler events = Schedulers.newSingle("edge-agent", true);
    private final Scheduler reports = Schedulers.newSingle("edge-reports", true);
    private final EventApplier applier;
    private final HealthReporter health;
    private final LoadReporter load;
    private final Disposable.Composite running = Disposables.composite();
    private final AtomicBoolean commitDue = new AtomicBoolean();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private volatile long committedAtNanos = System.nanoTime() - COMMIT_PACE.toNanos();
    private volatile BooleanSupplier ready = () -> false;

    /**
     * @param control closed by whoever made it, after {@link #stop}
     * @param stateDirectory made when absent; of this edge alone
     */
    public EdgeAgent(
            EdgeIdentity identity,
            ControlPlaneClient control,
            Path stateDirectory,
            AgentTargets targets,
            LoadCounters counters,
            Clock clock) {
        this.identity = identity;
        this.control = control;
        this.targets = targets;
        ReportOutbox outbox = new ReportOutbox();
        health = new HealthReporter(control, outbox, this::report, reports);
        load = new LoadReporter(
                identity, control, counters, targets.distributions().traffic(), reports);
        applier = new EventApplier(identity, targets, new AgentState(stateDirectory), outbox, new Signals(), clock);
    }

    /** Takes up the last configuration and position; reads the state directory. */
    public void restore() {
        applier.restore();
    }

    /** Whether there is a configuration to serve by. */
    public boolean isConfigured() {
        return targets.distributions().version() > 0;
    }

    /**
     * Follows the control plane and reports to it from now on.
     *
     * @param isReady whether this edge wants clients; asked for each report
     */
    public void start(BooleanSupplier isReady) {
        ready = isReady;
        running.add(events.schedule(applier::resumeFills));
        running.add(health.start());
        running.add(load.start());
        running.add(control.follow(applier, events));
    }

    /** Tells the redirector now, and not within a second, whether clients are wanted; takes at most some seconds, and may fail. */
    public void reportNow() {
        health.reportNow().timeout(FAREWELL).onErrorComplete().block();
    }

    /** Says that no clients are wanted any more, then leaves; takes at most some seconds. The second call does nothing. */
    public void stop() {
        if (!stopped.compareAndSet(false, true)) {
            return;
        }
        ready = () -> false;
        reportNow();
        // on the agent's own thread: from another one, disposing would interrupt a write that is under way
        Mono.fromRunnable(this::leave).subscribeOn(events).block(FAREWELL);
        events.dispose();
        reports.dispose();
    }

    private void leave() {
        running.dispose();
        if (!applier.commit()) {
            log.warn("What was applied last is not remembered, and will be applied again after the next start");
        }
    }

    private HealthReport report(Batch batch) {
        return new HealthReport(
                identity.node(),
                identity.cluster(),
                ready.getAsBoolean(),
                applier.acknowledgedSequence(),
                targets.distributions().version(),
                batch.receipts(),
                batch.fills());
    }

    private void commit() {
        commitDue.set(false);
        boolean done = applier.commit();
        committedAtNanos = System.nanoTime();
        if (!done && commitDue.compareAndSet(false, true)) {
            events.schedule(this::commit, COMMIT_RETRY.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private final class Signals implements AgentSignals {

        /** Behind the events that wait already, so that they share one write; and not too soon after the last. */
        @Override
        public void changed() {
            if (commitDue.compareAndSet(false, true)) {
                long wait = COMMIT_PACE.toNanos() - (System.nanoTime() - committedAtNanos);
                try {
                    events.schedule(EdgeAgent.this::commit, Math.max(0, wait), TimeUnit.NANOSECONDS);
                } catch (RejectedExecutionException e) {
                    log.debug("Not remembered: the agent has stopped");
                }
            }
        }

        @Override
        public void reportable() {
            health.reportSoon();
        }

        @Override
        public void run(Runnable action) {
            try {
                events.schedule(action);
            } catch (RejectedExecutionException e) {
                log.debug("Not remembered: the agent has stopped");
            }
        }
    }
}
