package com.kingcdn.edge.upstream;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides where a request goes, and whether and where it goes again; pure.
 *
 * <p>The way is always the same: the sibling that owns the key, the parent cluster, the origin; each tier at most once, so no request
 * turns in circles. A sibling gets one attempt, the parent cluster two at different nodes, the origin two: at different endpoints if
 * it has them, else again at the same one after a pause.
 */
final class UpstreamPlanner {

    static final int PARENT_ATTEMPTS = 2;
    static final int ORIGIN_ATTEMPTS = 2;

    /** Enough for a restarting listener or a closing connection; doubled at random, so that retries do not come in step. */
    static final long PAUSE_MILLIS = 50;

    private UpstreamPlanner() {}

    /** What is known of the hops at this moment. */
    interface Knowledge {

        EndpointHealth health(Hop hop);

        /** Whether it is as good as any other: by its health, and by its checks. */
        boolean isUp(Hop hop);

        /** Requests under way to it. */
        int load(Hop hop);
    }

    /**
     * The next thing to do.
     *
     * @param delayMillis to wait before
     */
    record Step(Hop hop, long delayMillis) {}

    /**
     * Where a request goes next; null when nobody is left to be asked.
     *
     * @param tried where it has been, in that order; empty at first
     * @param random from 0 to 1
     */
    static @Nullable Step next(Route route, List<Hop> tried, Knowledge knowledge, double random, long nowMillis) {
        if (tried.isEmpty()) {
            Hop owner = BoundedLoad.pick(
                    route.siblings(), hop -> hop.self() || isUsable(hop, knowledge, nowMillis), knowledge::load);
            if (owner != null && !owner.self()) {
                return new Step(owner, 0);
            }
        }
        int origins = count(tried, Tier.ORIGIN);
        if (origins == 0 && count(tried, Tier.PARENT) < PARENT_ATTEMPTS) {
            Hop parent = BoundedLoad.pick(
                    route.parents(),
                    hop -> !tried.contains(hop) && isUsable(hop, knowledge, nowMillis),
                    knowledge::load);
            if (parent != null) {
                return new Step(parent, 0);
            }
        }
        return origins >= ORIGIN_ATTEMPTS ? null : origin(route, tried, knowledge, random, nowMillis);
    }

    private static boolean isUsable(Hop hop, Knowledge knowledge, long nowMillis) {
        return knowledge.isUp(hop) && knowledge.health(hop).admits(nowMillis);
    }

    private static int count(List<Hop> tried, Tier tier) {
        int count = 0;
        for (Hop hop : tried) {
            count += hop.tier() == tier ? 1 : 0;
        }
        return count;
    }

    private static @Nullable Step origin(
            Route route, List<Hop> tried, Knowledge knowledge, double random, long nowMillis) {
        if (tried.isEmpty()
                && route.origins().size() == 1
                && knowledge.isUp(route.origins().get(0))) {
            // as most are
            return new Step(route.origins().get(0), 0);
        }
        Predicate<Hop> untried = hop -> !tried.contains(hop);
        Hop next = BoundedLoad.pick(route.origins(), untried.and(knowledge::isUp), knowledge::load);
        if (next == null) {
            next = first(route.backups(), untried.and(knowledge::isUp));
        }
        if (next == null) {
            next = soonest(route, untried, knowledge, nowMillis);
        }
        if (next != null) {
            return new Step(next, 0);
        }
        if (tried.isEmpty()) {
            return null;
        }
        Hop last = tried.get(tried.size() - 1);
        boolean again = last.tier() == Tier.ORIGIN && knowledge.health(last).admits(nowMillis);
        return again ? new Step(last, PAUSE_MILLIS + (long) (random * PAUSE_MILLIS)) : null;
    }

    private static @Nullable Hop first(List<Hop> hops, Predicate<Hop> condition) {
        for (Hop hop : hops) {
            if (condition.test(hop)) {
                return hop;
            }
        }
        return null;
    }

    /** With no origin up, the one that was left alone first; none whose circuit is open. */
    private static @Nullable Hop soonest(Route route, Predicate<Hop> untried, Knowledge knowledge, long nowMillis) {
        Hop soonest = null;
        for (List<Hop> hops : List.of(route.origins(), route.backups())) {
            for (Hop hop : hops) {
                if (untried.test(hop)
                        && knowledge.health(hop).admits(nowMillis)
                        && (soonest == null
                                || knowledge.health(hop).retryAtMillis()
                                        < knowledge.health(soonest).retryAtMillis())) {
                    soonest = hop;
                }
            }
        }
        return soonest;
    }
}
