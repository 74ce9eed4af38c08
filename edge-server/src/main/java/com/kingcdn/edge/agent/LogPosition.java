package com.kingcdn.edge.agent;

import com.kingcdn.control.FillPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How far this edge is in the numbered log, and what of it is still to be done: what must survive a restart.
 *
 * @param applied the last event applied; null when nothing is known of the log
 * @param epochMillis before this moment stored responses are unproven, Unix time; 0 for none
 * @param fills not cancelled, in order of arrival
 */
record LogPosition(@Nullable Long applied, long epochMillis, List<KnownFill> fills) {

    /** Ended fills are kept for a later cancellation only: the newest of them are enough. */
    static final int MAX_FILLS = 1000;

    static final LogPosition UNKNOWN = new LogPosition(null, 0, List.of());

    LogPosition(@Nullable Long applied, long epochMillis, @Nullable List<KnownFill> fills) {
        this.applied = applied;
        this.epochMillis = epochMillis;
        this.fills = fills == null ? List.of() : List.copyOf(fills);
    }

    /**
     * A fill this edge has been asked for.
     *
     * @param ended whether it is done or failed
     */
    record KnownFill(String id, FillPlan plan, boolean ended) {}

    OptionalLong appliedSequence() {
        return applied == null ? OptionalLong.empty() : OptionalLong.of(applied);
    }

    boolean hasApplied(long sequence) {
        return applied != null && sequence <= applied;
    }

    LogPosition withApplied(long sequence) {
        return new LogPosition(sequence, epochMillis, fills);
    }

    LogPosition withEpoch(long millis) {
        return new LogPosition(applied, Math.max(epochMillis, millis), fills);
    }

    @Nullable
    KnownFill fill(String id) {
        return fills.stream().filter(fill -> fill.id().equals(id)).findFirst().orElse(null);
    }

    LogPosition withFill(KnownFill added) {
        List<KnownFill> changed = new ArrayList<>(without(added.id()));
        changed.add(added);
        for (int i = 0; changed.size() > MAX_FILLS && i < changed.size(); ) {
            if (changed.get(i).ended()) {
                changed.remove(i);
            } else {
                i++;
            }
        }
        return new LogPosition(applied, epochMillis, changed);
    }

    LogPosition withoutFill(String id) {
        return new LogPosition(applied, epochMillis, without(id));
    }

    private List<KnownFill> without(String id) {
        return fills.stream().filter(fill -> !fill.id().equals(id)).toList();
    }
}
