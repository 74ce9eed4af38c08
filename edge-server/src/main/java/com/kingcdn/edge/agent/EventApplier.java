package com.kingcdn.edge.agent;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import com.kingcdn.control.PurgeReceipt;
import com.kingcdn.control.client.ControlEventHandler;
import com.kingcdn.edge.agent.LogPosition.KnownFill;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What makes control events true on this edge, each numbered one once and in order.
 *
 * <p>An event is applied at once and remembered by the next {@link #commit}, which the agent calls when no more events wait: a burst
 * of purges costs one write. Only what is durable is acknowledged; what was applied but not written is applied again after a crash,
 * which does no harm. All calls come from the agent's thread.
 *
 * <p>An edge that knows nothing of the log <em>joins</em> it: the connection starts at the log's present end, which the first
 * heartbeat names, and whatever was stored before the connection was opened is distrusted.
 */
final class EventApplier implements ControlEventHandler {

    private static final Logger log = LoggerFactory.getLogger(EventApplier.class);

    /** A heartbeat may pass or trail an event by a little; as many in a row contradict the log. */
    private static final int MAX_CONTRADICTIONS = 3;

    /** How much earlier than its receipt says a purge may have been applied. */
    private static final long RUN_MILLIS = 50;

    private final EdgeIdentity identity;
    private final AgentTargets targets;
    private final AgentState state;
    private final ReportOutbox outbox;
    private final AgentSignals signals;
    private final Clock clock;

    private LogPosition position = LogPosition.UNKNOWN;
    private LogPosition committed = LogPosition.UNKNOWN;
    private volatile long acknowledged;
    private final Deque<PurgeReceipt> uncommitted = new ArrayDeque<>();
    private long runBeganAtMillis;
    private boolean joining;
    private long connectingAtMillis;
    private int contradictions;

    EventApplier(
            EdgeIdentity identity,
            AgentTargets targets,
            AgentState state,
            ReportOutbox outbox,
            AgentSignals signals,
            Clock clock) {
        this.identity = identity;
        this.targets = targets;
        this.state = state;
        this.outbox = outbox;
        this.signals = signals;
        this.clock = clock;
    }

    /** Serves by what was remembered. */
    void restore() {
        @Nullable ConfigSnapshot config = state.readConfig();
        if (config != null) {
            serveBy(config);
            log.info("Serving by configuration {} from the state directory", config.version());
        }
        @Nullable LogPosition remembered = state.readPosition();
        if (remembered == null) {
            // nothing tells which purges the disk tier has missed
            targets.caughtUp().distrustBefore(clock.millis());
            return;
        }
        position = remembered;
        targets.caughtUp().advance(position.appliedSequence().orElse(0));
        targets.caughtUp().distrustBefore(position.epochMillis());
        rememberCommitted();
    }

    /** Takes up the fills that a restart has interrupted. */
    void resumeFills() {
        for (KnownFill fill : position.fills()) {
            if (!fill.ended()) {
                targets.fills().fill(fill.id(), fill.plan(), this::progressed);
            }
        }
    }

    /** The last event whose effect is durable; 0 for none. Any thread may ask. */
    long acknowledgedSequence() {
        return acknowledged;
    }

    @Override
    public OptionalLong lastEventId() {
        connectingAtMillis = clock.millis();
        contradictions = 0;
        OptionalLong applied = position.appliedSequence();
        joining = applied.isEmpty();
        return applied;
    }

    @Override
    public void onEvent(ControlEvent event) {
        if (event instanceof ControlEvent.Config config) {
            serveBy(config.snapshot());
            state.writeConfig(config.snapshot());
        } else if (event instanceof ControlEvent.Heartbeat heartbeat) {
            heartbeat(heartbeat.sequence());
        } else if (event instanceof ControlEvent.Reset reset) {
            reset(reset.sequence());
        } else if (event instanceof ControlEvent.Purge purge) {
            if (isNews(purge.sequence())) {
                purge(purge);
            }
        } else if (event instanceof ControlEvent.Fill fill) {
            fill(fill);
        } else if (event instanceof ControlEvent.FillCancelled cancelled && isNews(cancelled.sequence())) {
            cancel(cancelled.id());
            advance(cancelled.sequence());
        }
    }

    private void serveBy(ConfigSnapshot config) {
        targets.tiers().replace(config);
        targets.distributions().replace(config);
        AgentMetrics.CONFIG_VERSION.set((double) config.version());
    }

    private boolean isNews(long sequence) {
        return !position.hasApplied(sequence);
    }

    private void purge(ControlEvent.Purge purge) {
        long entries = targets.purger().purge(purge.request());
        AgentMetrics.PURGES.inc();
        AgentMetrics.PURGED_ENTRIES.inc((double) entries);
        addReceipt(new PurgeReceipt(purge.id(), purge.sequence(), clock.millis(), entries));
        advance(purge.sequence());
    }

    private void addReceipt(PurgeReceipt receipt) {
        @Nullable PurgeReceipt last = uncommitted.peekLast();
        @Nullable
        PurgeReceipt run = last != null && receipt.appliedAtMillis() - runBeganAtMillis < RUN_MILLIS
                ? last.followedBy(receipt)
                : null;
        if (run != null) {
            uncommitted.removeLast();
        } else {
            runBeganAtMillis = receipt.appliedAtMillis();
        }
        uncommitted.addLast(run != null ? run : receipt);
        if (uncommitted.size() > ReportOutbox.MAX_RECEIPTS) {
            // a disk that fails for days must not fill the heap with them
            uncommitted.removeFirst();
            AgentMetrics.RECEIPTS_DROPPED.inc();
        }
    }

    private void fill(ControlEvent.Fill fill) {
        // open fills come to an edge that joins whatever their number
        if (joining ? position.fill(fill.id()) == null : isNews(fill.sequence())) {
            FillPlan plan = fill.plan();
            if (plan.clusters().isEmpty() || plan.clusters().contains(identity.cluster())) {
                position = position.withFill(new KnownFill(fill.id(), plan, false));
                targets.fills().fill(fill.id(), plan, this::progressed);
            }
            if (joining) {
                signals.changed();
            } else {
                advance(fill.sequence());
            }
        }
    }

    private void cancel(String id) {
        @Nullable KnownFill known = position.fill(id);
        targets.fills().cancel(id, known == null ? null : known.plan());
        position = position.withoutFill(id);
    }

    private void heartbeat(long sequence) {
        if (joining) {
            joining = false;
            // purges may have come before this heartbeat
            advance(Math.max(sequence, position.appliedSequence().orElse(0)));
            distrustBefore(connectingAtMillis);
        }
        long applied = position.appliedSequence().orElse(0);
        contradictions = sequence == applied ? 0 : contradictions + 1;
        if (sequence <= applied) {
            targets.caughtUp().proveAt(clock.millis());
        }
        if (contradictions >= MAX_CONTRADICTIONS) {
            contradictions = 0;
            if (sequence > applied) {
                throw new IllegalStateException(
                        "the log is at " + sequence + ", yet nothing came after event " + applied);
            }
            log.warn(
                    "The redirector's log is at {}, before event {} that was applied: it has been replaced",
                    sequence,
                    applied);
            reset(sequence);
        }
    }

    private void reset(long sequence) {
        log.warn(
                "Purges up to event {} may have been missed: all that is stored will be validated before use",
                sequence);
        AgentMetrics.RESETS.inc();
        joining = false;
        distrustBefore(clock.millis());
        advance(sequence);
    }

    private void distrustBefore(long millis) {
        targets.caughtUp().distrustBefore(millis);
        position = position.withEpoch(millis);
    }

    private void advance(long sequence) {
        position = position.withApplied(sequence);
        targets.caughtUp().advance(sequence);
        contradictions = 0;
        signals.changed();
    }

    /** Progress of a fill, from any thread. */
    private void progressed(FillProgress progress) {
        outbox.add(progress);
        signals.reportable();
        switch (progress.state()) {
            case DONE, FAILED -> signals.run(() -> ended(progress.id()));
            case WAITING, RUNNING, CANCELLED -> {
                // a cancelled fill has been forgotten already
            }
        }
    }

    private void ended(String id) {
        @Nullable KnownFill known = position.fill(id);
        if (known != null) {
            position = position.withFill(new KnownFill(id, known.plan(), true));
            signals.changed();
        }
    }

    /**
     * Makes all that was applied durable, then acknowledges it.
     *
     * @return false when that failed: it is to be tried again
     */
    boolean commit() {
        if (position.equals(committed)) {
            return true;
        }
        // first the removals in the disk tier, or a crash between the two would bring purged entries back
        if (!(uncommitted.isEmpty() || targets.purger().sync()) || !state.writePosition(position)) {
            return false;
        }
        rememberCommitted();
        outbox.add(uncommitted);
        uncommitted.clear();
        signals.reportable();
        return true;
    }

    private void rememberCommitted() {
        committed = position;
        acknowledged = position.appliedSequence().orElse(0);
        AgentMetrics.APPLIED_SEQUENCE.set((double) acknowledged);
    }
}
