package com.kingcdn.edge.upstream;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The choice among ranked hops that leaves none of them with more than a fair share and a quarter (consistent hashing with bounded
 * loads; Mirrokni, Thorup, Zadimoghaddam 2018), pure: the most wanted one, unless it has its share already, then the next.
 */
final class BoundedLoad {

    /** Requests under way that no server need share: below it, the owner of a key always gets it. */
    static final int LEAST = 16;

    private BoundedLoad() {}

    /**
     * The first of those that may be asked and have room; there is always room in one of them.
     *
     * @param mayBeAsked which hops count at all
     * @param load requests under way to each
     * @return null when none may be asked
     */
    static @Nullable Hop pick(List<Hop> ranked, Predicate<Hop> mayBeAsked, ToIntFunction<Hop> load) {
        if (ranked.isEmpty()) {
            return null;
        }
        long loads = 0;
        long weights = 0;
        for (Hop hop : ranked) {
            if (mayBeAsked.test(hop)) {
                loads += load.applyAsInt(hop);
                weights += hop.weight();
            }
        }
        for (Hop hop : ranked) {
            if (mayBeAsked.test(hop) && load.applyAsInt(hop) < bound(loads, hop.weight(), weights)) {
                return hop;
            }
        }
        return null;
    }

    /** How many requests a hop may have under way, the next one included. */
    static long bound(long loads, int weight, long weights) {
        // rounded up, so that the bounds of all add up to more than what is under way
        long share = (5 * (loads + 1) * weight + 4 * weights - 1) / (4 * weights);
        return Math.max(LEAST, share);
    }
}
