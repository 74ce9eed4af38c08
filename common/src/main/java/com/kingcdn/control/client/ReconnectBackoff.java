package com.kingcdn.control.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The waits between attempts to connect: exponential, with jitter so that edges which lost one redirector do not come back as one.
 *
 * <p>The n-th wait after a success is drawn from the upper half of {@code FIRST · 2^(n-1)}, at most {@code LONGEST}; the first is
 * short, since most losses are restarts.
 */
final class ReconnectBackoff {

    static final Duration FIRST = Duration.ofMillis(100);
    static final Duration LONGEST = Duration.ofSeconds(5);

    private final RandomGenerator random;
    private int failures;

    ReconnectBackoff(RandomGenerator random) {
        this.random = random;
    }

    /** The next wait. */
    Duration next() {
        long ceiling = Math.min(LONGEST.toMillis(), FIRST.toMillis() << Math.min(failures, 16));
        failures++;
        return Duration.ofMillis(random.nextLong(ceiling / 2, ceiling + 1));
    }

    /** A connection has worked: the next wait is the first again. */
    void succeeded() {
        failures = 0;
    }
}
