package com.kingcdn.redirector.pace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class ShortTurnsTest {

    private long now = 7;
    private boolean hurry;
    private int rests;

    private final ShortTurns turns = new ShortTurns(() -> hurry, () -> now, nanos -> {
        now += nanos;
        rests++;
    });

    private void work(long nanos) {
        now += nanos;
        turns.restIfDue();
    }

    @Test
    void aTurnIsFollowedByARest() {
        work(ShortTurns.TURN_NANOS - 1);
        assertThat(rests).isZero();
        work(1);
        assertThat(rests).isEqualTo(1);
        work(ShortTurns.TURN_NANOS - 1);
        assertThat(rests).isEqualTo(1);
        work(1);
        assertThat(rests).isEqualTo(2);
        assertThat(turns.rested()).isEqualTo(2 * ShortTurns.REST_NANOS);
    }

    @Test
    void nobodyWaitsForRests() {
        work(ShortTurns.TURN_NANOS);
        hurry = true;
        work(100 * ShortTurns.TURN_NANOS);

        assertThat(rests).isEqualTo(1);
    }

    @Test
    void restsHaveAnEnd() {
        for (int turn = 0; turn < 100_000; turn++) {
            work(ShortTurns.TURN_NANOS);
        }

        assertThat(turns.rested()).isBetween(ShortTurns.MOST_NANOS, ShortTurns.MOST_NANOS + ShortTurns.REST_NANOS - 1);
    }

    @Test
    void stepsRestWhileWorkIsDoneInTurnsAndAtNoOtherTime() {
        long before = System.nanoTime();
        long rested = ShortTurns.take(() -> false, () -> untilRested(before));

        assertThat(rested).isPositive();
        ShortTurns.step();
        assertThat(ShortTurns.take(() -> false, () -> {})).isZero();
    }

    /** Ends when a step was followed by a rest, or never. */
    private static void untilRested(long before) {
        long last = before;
        for (long now = before; now - last < ShortTurns.REST_NANOS; now = System.nanoTime()) {
            last = System.nanoTime();
            ShortTurns.step();
        }
    }

    @Test
    void aFailureIsHandedOnAndEndsTheTurns() {
        assertThatThrownBy(() -> ShortTurns.take(() -> false, () -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
    }
}
