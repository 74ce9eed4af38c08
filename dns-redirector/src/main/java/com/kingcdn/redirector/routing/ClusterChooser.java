package com.kingcdn.redirector.routing;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The choice among a map unit's clusters, for the distributions of one placement: the first that is usable, has the distribution, and
 * keeps the client in spite of its load. Immutable; asked for each query, so it is a walk over a few numbers.
 */
final class ClusterChooser {

    /** Each choice there can be, so that a query makes none; shared by all choosers of a director. */
    static final class Choices {

        private static final int FIRST = 2;
        private static final int SPLIT = 1;
        private static final int KINDS = 4;

        private final Map<ChoiceReason, ClusterChoice[]> all = new EnumMap<>(ChoiceReason.class);

        Choices(ServingClusters clusters) {
            for (ChoiceReason reason : ChoiceReason.values()) {
                ClusterChoice[] choices = new ClusterChoice[clusters.size() * KINDS];
                for (int at = 0; at < choices.length; at++) {
                    int index = at / KINDS;
                    choices[at] =
                            new ClusterChoice(index, clusters.get(index), reason, (at & FIRST) != 0, (at & SPLIT) != 0);
                }
                all.put(reason, choices);
            }
        }

        private ClusterChoice get(int index, ChoiceReason reason, boolean isFirst, boolean isSplit) {
            return Objects.requireNonNull(all.get(reason))[
                    index * KINDS + (isFirst ? FIRST : 0) + (isSplit ? SPLIT : 0)];
        }
    }

    private final ServingClusters clusters;
    private final Choices choices;
    /** By cluster. */
    private final boolean[] placed;
    /** By cluster: usable, and placed. */
    private final boolean[] candidates;
    /** Those placed, in the configuration's order, for clients that no candidate is ranked for; or null when all are placed. */
    private final int @Nullable [] only;
    /** By cluster, thresholds of {@link ClientBlock} numbers. */
    private final long[] guests;

    private final long[] own;

    /** @param only indexes of the clusters of the placement, or null for all */
    ClusterChooser(ServingClusters clusters, Choices choices, int @Nullable [] only, ShedShare[] shares) {
        this.clusters = clusters;
        this.choices = choices;
        this.only = only;
        int count = clusters.size();
        placed = new boolean[count];
        candidates = new boolean[count];
        guests = new long[count];
        own = new long[count];
        for (int i = 0; i < (only == null ? count : only.length); i++) {
            placed[only == null ? i : only[i]] = true;
        }
        for (int i = 0; i < count; i++) {
            candidates[i] = placed[i] && clusters.get(i).isUsable();
            guests[i] = ClientBlock.threshold(shares[i].guests());
            own[i] = ClientBlock.threshold(shares[i].own());
        }
    }

    /**
     * The cluster for a client of a unit, or null when there is none at all.
     *
     * @param unit a number of these units
     */
    @Nullable
    ClusterChoice choose(MapUnits units, int unit, boolean isIpv4, long high) {
        int size = units.size(unit);
        int home = -1;
        int homeRank = -1;
        boolean split = false;
        long hash = 0;
        for (int rank = 0; rank < size; rank++) {
            int index = units.cluster(unit, rank);
            if (!candidates[index]) {
                continue;
            }
            boolean isOwn = home < 0 || rank < units.covering(unit);
            long threshold = isOwn ? own[index] : guests[index];
            if (threshold > 0) {
                hash = hash == 0 ? ClientBlock.hash(isIpv4, high) : hash;
                split |= threshold < ClientBlock.ALL;
                if ((isOwn ? ClientBlock.number(hash) : ClientBlock.number(hash, index)) < threshold) {
                    if (home < 0) {
                        home = index;
                        homeRank = rank;
                    }
                    continue;
                }
            }
            return choices.get(index, home < 0 ? reason(units, unit, rank) : ChoiceReason.LOAD, rank == 0, split);
        }
        // where all are full, the client is served no better elsewhere
        return home >= 0
                ? choices.get(home, reason(units, unit, homeRank), false, split)
                : withoutCandidate(units, unit);
    }

    private ChoiceReason reason(MapUnits units, int unit, int rank) {
        for (int better = 0; better < rank; better++) {
            int index = units.cluster(unit, better);
            if (!placed[index] && clusters.get(index).isUsable()) {
                return ChoiceReason.PLACEMENT;
            }
        }
        if (rank < units.covering(unit)) {
            return ChoiceReason.COVERAGE;
        }
        if (units.shared(unit) && rank == units.covering(unit)) {
            return ChoiceReason.SHARED;
        }
        if (units.measured(unit)) {
            return ChoiceReason.MEASUREMENT;
        }
        return units.location(unit) == LocationSource.NONE ? ChoiceReason.DEFAULT_ORDER : ChoiceReason.GEOGRAPHY;
    }

    private @Nullable ClusterChoice withoutCandidate(MapUnits units, int unit) {
        if (only != null) {
            // a placement on clusters that are not for this client: better one of those than none
            for (int index : only) {
                if (candidates[index]) {
                    return choices.get(index, ChoiceReason.PLACEMENT, false, false);
                }
            }
        }
        int best = clusters.lastGood(units.order(unit), placed);
        best = best < 0 && only != null ? clusters.lastGood(only, placed) : best;
        return best < 0 ? null : choices.get(best, ChoiceReason.LAST_KNOWN_GOOD, false, false);
    }

    /** Whether the placement names the cluster, or names none. */
    boolean isPlaced(int index) {
        return placed[index];
    }
}
