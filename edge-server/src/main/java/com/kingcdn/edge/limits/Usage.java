package com.kingcdn.edge.limits;

import com.kingcdn.topology.RequestLimit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What one party, a client prefix or a distribution, uses: a token bucket and a count of requests under way. Pure, lock-free; the limit
 * is an argument, so that a change of configuration forgets nothing.
 *
 * <p>The bucket is kept as one number, the time at which it would be full again (the generic cell rate algorithm): a request costs one
 * compare-and-set and no timer.
 */
final class Usage {

    private static final long SECOND = 1_000_000_000;

    private final AtomicLong fullAt = new AtomicLong();
    private final AtomicInteger underWay = new AtomicInteger();

    /**
     * Counts a request as begun.
     *
     * @return false when there are as many as may be; {@link #leave} is then not due
     */
    boolean enter(@Nullable Integer most) {
        if (underWay.incrementAndGet() > (most == null ? Integer.MAX_VALUE : most)) {
            underWay.decrementAndGet();
            return false;
        }
        return true;
    }

    void leave() {
        underWay.decrementAndGet();
    }

    /**
     * Takes a token.
     *
     * @param nowNanos since some moment in the past, never negative
     * @return 0 when there was one, else nanoseconds until there is
     */
    long take(RequestLimit limit, long nowNanos) {
        Integer rate = limit.requestsPerSecond();
        if (rate == null) {
            return 0;
        }
        Integer burst = limit.burst();
        long interval = SECOND / rate;
        long depth = interval * (burst == null ? rate : burst);
        while (true) {
            long seen = fullAt.get();
            long next = Math.max(seen, nowNanos) + interval;
            long wait = next - nowNanos - depth;
            if (wait > 0) {
                return wait;
            }
            if (fullAt.compareAndSet(seen, next)) {
                return 0;
            }
        }
    }
}
