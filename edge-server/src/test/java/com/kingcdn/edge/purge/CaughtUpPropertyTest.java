package com.kingcdn.edge.purge;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class CaughtUpPropertyTest {

    private static final long T = 1_700_000_000_000L;
    private static final long GRACE = CaughtUp.GRACE.toMillis();

    @Property
    void coversExactlyWhatAProofOrAValidationWithinTheGraceStandsFor(
            @ForAll @LongRange(max = 100_000) long proven,
            @ForAll @LongRange(max = 100_000) long validated,
            @ForAll @LongRange(max = 100_000) long epoch,
            @ForAll @LongRange(max = 100_000) long now) {
        CaughtUp caughtUp = CaughtUp.unproven();
        caughtUp.proveAt(T + proven);
        caughtUp.distrustBefore(T + epoch);
        boolean fresh = now - proven < GRACE || now - validated < GRACE;
        assertThat(caughtUp.covers(T + validated, T + now)).isEqualTo(fresh && validated >= epoch);
    }

    @Example
    void nothingStoredIsCoveredAfterARestart_untilTheFirstProof() {
        CaughtUp caughtUp = CaughtUp.unproven();
        assertThat(caughtUp.covers(T - GRACE, T)).isFalse();
        assertThat(caughtUp.isProven(T)).isFalse();
        caughtUp.proveAt(T);
        assertThat(caughtUp.covers(1, T)).isTrue();
        assertThat(caughtUp.covers(1, T + GRACE - 1)).isTrue();
        assertThat(caughtUp.covers(1, T + GRACE)).isFalse();
    }

    @Example
    void anEpochNeverGoesBack() {
        CaughtUp caughtUp = CaughtUp.unproven();
        caughtUp.distrustBefore(T);
        caughtUp.distrustBefore(T - 5);
        assertThat(caughtUp.epochMillis()).isEqualTo(T);
    }

    @Example
    void aStandaloneEdgeIsAlwaysCaughtUp() {
        assertThat(CaughtUp.always().covers(0, Long.MAX_VALUE)).isTrue();
    }
}
