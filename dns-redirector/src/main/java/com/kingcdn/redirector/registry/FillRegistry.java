package com.kingcdn.redirector.registry;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.FillPlan;
import com.kingcdn.control.FillProgress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The fills: what edges were told to fetch and pin, and how far they are.
 *
 * <p>A fill stays open, also for edges that come later, until it is cancelled or its window has ended; it is forgotten a day after that.
 * Progress on the way is kept in memory only; how it ended is durable.
 */
public final class FillRegistry {

    /** Most fills that can be open at one time. */
    public static final int MAX_OPEN = 1000;

    /** One fill and how far the edges are. */
    public record FillRecord(
            ControlEvent.Fill event, long acceptedAtMillis, boolean cancelled, List<NodeProgress> progress) {}

    /** How far one edge node is. */
    public record NodeProgress(String node, String cluster, FillProgress progress) {}

    private static final class Entry {
        private final ControlChange.FillAccepted accepted;
        private final Map<String, NodeProgress> progress = new ConcurrentSkipListMap<>();
        private volatile ControlChange.@Nullable FillCancelled cancelled;

        private Entry(ControlChange.FillAccepted accepted) {
            this.accepted = accepted;
        }

        private boolean isOpen(long nowMillis) {
            FillPlan plan = accepted.event().plan();
            return cancelled == null
                    && (plan.notAfter() == null || plan.notAfter().toEpochMilli() > nowMillis);
        }

        private long endedAtMillis() {
            FillPlan plan = accepted.event().plan();
            ControlChange.@Nullable FillCancelled cancel = cancelled;
            return cancel != null
                    ? cancel.acceptedAtMillis()
                    : plan.notAfter() != null ? plan.notAfter().toEpochMilli() : Long.MAX_VALUE;
        }
    }

    private final EventLog log;
    private final ControlStore store;
    private final Map<String, Entry> fills = new ConcurrentHashMap<>();

    FillRegistry(EventLog log, ControlStore store) {
        this.log = log;
        this.store = store;
    }

    /**
     * Accepts a fill.
     *
     * @return completes once it is durable and edges are being told
     * @throws ConflictException when {@link #MAX_OPEN} fills are open
     * @throws ControlStoreException when nothing can be accepted now
     */
    public CompletableFuture<ControlEvent.Fill> accept(FillPlan plan, long nowMillis) {
        if (open(nowMillis).size() >= MAX_OPEN) {
            throw new ConflictException("/", MAX_OPEN + " fills are open: cancel some, or give them an end");
        }
        String id = RandomId.next();
        ControlEvent.Fill[] event = new ControlEvent.Fill[1];
        return log.append(sequence -> {
                    event[0] = new ControlEvent.Fill(id, sequence, plan);
                    return new ControlChange.FillAccepted(event[0], nowMillis);
                })
                .thenApply(done -> event[0]);
    }

    /**
     * Cancels a fill; one that is cancelled already stays so.
     *
     * @return completes with whether there is such a fill, once edges are being told
     */
    public CompletableFuture<Boolean> cancel(String id, long nowMillis) {
        Entry entry = fills.get(id);
        if (entry == null || entry.cancelled != null) {
            return CompletableFuture.completedFuture(entry != null);
        }
        return log.append(sequence ->
                        new ControlChange.FillCancelled(new ControlEvent.FillCancelled(id, sequence), nowMillis))
                .thenApply(done -> true);
    }

    public Optional<FillRecord> find(String id) {
        return Optional.ofNullable(fills.get(id)).map(FillRegistry::toRecord);
    }

    /** All that are known, the newest first. */
    public List<FillRecord> all() {
        return fills.values().stream()
                .map(FillRegistry::toRecord)
                .sorted(Comparator.comparingLong(
                                (FillRecord fill) -> fill.event().sequence())
                        .reversed())
                .toList();
    }

    private static FillRecord toRecord(Entry entry) {
        return new FillRecord(
                entry.accepted.event(),
                entry.accepted.acceptedAtMillis(),
                entry.cancelled != null,
                List.copyOf(entry.progress.values()));
    }

    /** What an edge that starts with nothing has to do, in the order it was asked for. */
    public List<ControlEvent> open(long nowMillis) {
        return fills.values().stream()
                .filter(entry -> entry.isOpen(nowMillis))
                .map(entry -> entry.accepted.event())
                .sorted(Comparator.comparingLong(ControlEvent.Fill::sequence))
                .map(ControlEvent.class::cast)
                .toList();
    }

    /**
     * Keeps progress; that of unknown fills does not count.
     *
     * @return completes once what must be durable is
     */
    public CompletableFuture<Void> report(String node, String cluster, Collection<FillProgress> progress) {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (FillProgress each : progress) {
            Entry entry = fills.get(each.id());
            if (entry == null) {
                continue;
            }
            boolean ended = each.state() != FillProgress.State.WAITING && each.state() != FillProgress.State.RUNNING;
            NodeProgress reported = new NodeProgress(node, cluster, each);
            if (reported.equals(entry.progress.get(node))) {
                // an edge repeats itself until it is acknowledged; what is here is durable
                continue;
            }
            if (ended) {
                ends.add(store.append(new ControlChange.ProgressReported(node, cluster, each)));
            } else {
                entry.progress.put(node, reported);
            }
        }
        return CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new));
    }

    void apply(ControlChange.FillAccepted change) {
        fills.put(change.event().id(), new Entry(change));
        long forgotten = change.acceptedAtMillis() - EventLog.MAX_AGE_MILLIS;
        fills.values().removeIf(entry -> entry.endedAtMillis() < forgotten);
    }

    void apply(ControlChange.FillCancelled change) {
        Entry entry = fills.get(change.event().id());
        if (entry != null) {
            entry.cancelled = change;
        }
    }

    void apply(ControlChange.ProgressReported change) {
        Entry entry = fills.get(change.progress().id());
        if (entry != null) {
            entry.progress.put(change.node(), new NodeProgress(change.node(), change.cluster(), change.progress()));
        }
    }

    /** The fills whose events the log has trimmed. */
    List<ControlChange> changesUpTo(long sequence) {
        List<ControlChange> changes = new ArrayList<>();
        for (Entry entry : fills.values()) {
            if (entry.accepted.sequence() <= sequence) {
                changes.add(entry.accepted);
            }
            ControlChange.@Nullable FillCancelled cancel = entry.cancelled;
            if (cancel != null && cancel.sequence() <= sequence) {
                changes.add(cancel);
            }
        }
        return changes;
    }

    /** How far the edges were. */
    List<ControlChange> progressChanges() {
        return fills.values().stream()
                .flatMap(entry -> entry.progress.values().stream())
                .<ControlChange>map(progress ->
                        new ControlChange.ProgressReported(progress.node(), progress.cluster(), progress.progress()))
                .toList();
    }
}
