package com.kingcdn.redirector.pace;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Work of seconds done in turns of a fraction of a millisecond, with rests between them: whoever shares the core waits for no more than one
 * turn, and owes the scheduler nothing after a rest (ADR 31). Rests come to an end for those who hurry, and after {@value #MOST_NANOS}
 * nanoseconds of them in all.
 *
 * <p>The work itself says where it may rest, by {@link #step()}, which costs a few nanoseconds and does nothing on other threads.
 */
public final class ShortTurns {

    static final long TURN_NANOS = 200_000;
    static final long REST_NANOS = 250_000;
    static final long MOST_NANOS = 4_000_000_000L;

    /** Steps from one look at the clock to the next: those of a rebuild take 10 microseconds at most. */
    static final int STEPS = 8;

    private static final ThreadLocal<@Nullable ShortTurns> OF_THIS_THREAD = new ThreadLocal<>();

    private final BooleanSupplier hurry;
    private final LongSupplier nanos;
    private final LongConsumer sleep;
    private int steps;
    private long began;
    private long rested;

    ShortTurns(BooleanSupplier hurry, LongSupplier nanos, LongConsumer sleep) {
        this.hurry = hurry;
        this.nanos = nanos;
        this.sleep = sleep;
        this.began = nanos.getAsLong();
    }

    /**
     * Does all of it on this thread.
     *
     * @param hurry whether somebody waits for its end, so that it has to go on without rests; asked at the end of each turn
     * @return how many nanoseconds were rests
     */
    public static long take(BooleanSupplier hurry, Runnable work) {
        ShortTurns turns = new ShortTurns(hurry, System::nanoTime, LockSupport::parkNanos);
        OF_THIS_THREAD.set(turns);
        try {
            work.run();
        } finally {
            OF_THIS_THREAD.remove();
        }
        return turns.rested;
    }

    /** A place where this thread may rest, if what it does is done in turns; every 10 microseconds of work or so. */
    public static void step() {
        @Nullable ShortTurns turns = OF_THIS_THREAD.get();
        if (turns != null && ++turns.steps % STEPS == 0) {
            turns.restIfDue();
        }
    }

    void restIfDue() {
        long now = nanos.getAsLong();
        if (now - began < TURN_NANOS || rested >= MOST_NANOS || hurry.getAsBoolean()) {
            return;
        }
        sleep.accept(REST_NANOS);
        began = nanos.getAsLong();
        rested += began - now;
    }

    long rested() {
        return rested;
    }
}
