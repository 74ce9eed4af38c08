package com.kingcdn.edge.distribution;

import com.kingcdn.topology.Distribution;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What was answered for those distributions that have a limit of their own in each cluster; others cost nothing and are not counted.
 * Safe for several threads.
 */
public final class DistributionTraffic {

    /** The counts of one distribution, since it has a limit. */
    public static final class Counter {

        private final LongAdder requests = new LongAdder();
        private final LongAdder bytesSent = new LongAdder();

        /** Counts a request that was answered. */
        public void answered() {
            requests.increment();
        }

        /** Counts content that was sent. */
        public void sent(long bytes) {
            bytesSent.add(bytes);
        }

        /** Requests answered. */
        public long requests() {
            return requests.sum();
        }

        /** Bytes of content sent to clients. */
        public long bytesSent() {
            return bytesSent.sum();
        }
    }

    private volatile Map<String, Counter> counters = Map.of();

    DistributionTraffic() {}

    /** Counts for these from now on, and goes on for those that were counted before. */
    synchronized void replace(Collection<Distribution> distributions) {
        Map<String, Counter> next = new HashMap<>();
        for (Distribution distribution : distributions) {
            if (isLimited(distribution)) {
                Counter known = counters.get(distribution.id());
                next.put(distribution.id(), known == null ? new Counter() : known);
            }
        }
        counters = Map.copyOf(next);
    }

    private static boolean isLimited(Distribution distribution) {
        return distribution.placement() != null && distribution.placement().capacity() != null;
    }

    /** Where a distribution's requests are to be counted; null for nowhere. */
    public @Nullable Counter of(Distribution distribution) {
        return isLimited(distribution) ? counters.get(distribution.id()) : null;
    }

    /** All counters by the distribution's id. */
    public Map<String, Counter> counters() {
        return counters;
    }
}
