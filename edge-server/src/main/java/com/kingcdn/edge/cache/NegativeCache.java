package com.kingcdn.edge.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.topology.Distribution;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The memory of upstream failures, by key: while one is remembered, upstream is not asked again. The time doubles with each failure in
 * a row, so that an origin in trouble is asked ever more seldom, and ends with the first response that is none.
 */
final class NegativeCache {

    /** The longest time is the distribution's own times two to the power of this. */
    private static final int MOST_DOUBLINGS = 5;

    /** Beyond the longest time that a distribution can have, so that a count in a row is not lost on the way. */
    private static final Duration MEMORY = Duration.ofHours(1 << (MOST_DOUBLINGS + 1));

    private final Cache<CacheKey, Failure> failures =
            Caffeine.newBuilder().maximumSize(65_536).expireAfterWrite(MEMORY).build();

    /**
     * A failure.
     *
     * @param status what clients were answered
     * @param inRow how many there were without a success between
     * @param untilMillis when upstream may be asked again
     */
    record Failure(int status, int inRow, long untilMillis) {

        /** For Retry-After: at least 1. */
        long secondsLeft(long nowMillis) {
            return Math.max(1, (untilMillis - nowMillis + 999) / 1000);
        }
    }

    /** The failure for which upstream is not to be asked now; null for none. */
    @Nullable
    Failure find(CacheKey key, Distribution distribution, long nowMillis) {
        if (ttl(distribution) == null) {
            return null;
        }
        Failure failure = failures.getIfPresent(key);
        return failure != null && nowMillis < failure.untilMillis() ? failure : null;
    }

    /** Notes what came of asking upstream, if the distribution wants failures remembered. */
    void note(CacheKey key, Distribution distribution, FetchOutcome outcome, long nowMillis) {
        Duration ttl = ttl(distribution);
        if (ttl == null) {
            return;
        }
        int status = failureStatus(outcome);
        if (status == 0) {
            failures.invalidate(key);
            return;
        }
        failures.asMap().compute(key, (same, before) -> {
            int inRow = before == null ? 1 : before.inRow() + 1;
            long millis = ttl.toMillis() << Math.min(inRow - 1, MOST_DOUBLINGS);
            return new Failure(status, inRow, nowMillis + millis);
        });
    }

    /** How long a distribution wants a first failure remembered; null for not at all. */
    private static @Nullable Duration ttl(Distribution distribution) {
        Duration ttl =
                distribution.cache() == null ? null : distribution.cache().negativeTtl();
        return ttl == null || ttl.isZero() ? null : ttl;
    }

    /** The status of a failure that is upstream's own; 0 for anything else. */
    private static int failureStatus(FetchOutcome outcome) {
        if (outcome instanceof FetchOutcome.Failed failed) {
            // not our own limits, which say nothing of the origin
            int status = failed.failure().kind().status();
            return status == 502 || status == 504 ? status : 0;
        }
        if (outcome instanceof FetchOutcome.StandIn standIn) {
            return standIn.status() == 0 ? 504 : standIn.status();
        }
        int status = outcome instanceof FetchOutcome.Passed passed ? passed.status() : 0;
        return status == 500 || status == 502 || status == 503 || status == 504 ? status : 0;
    }
}
