package com.kingcdn.redirector.routing;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;

final class PathCostPropertyTest {

    private static PathMeasurement path(double rtt, double jitter, double loss, double evidence) {
        return new PathMeasurement(rtt, jitter, loss, evidence);
    }

    @Property
    void morelossDelayOrJitterNeverMakesAPathCheaper(
            @ForAll @DoubleRange(min = 0, max = 500) double rtt,
            @ForAll @DoubleRange(min = 0, max = 100) double jitter,
            @ForAll @DoubleRange(min = 0, max = 1) double loss,
            @ForAll @DoubleRange(min = 0, max = 50) double more) {
        double cost = PathCost.measured(path(rtt, jitter, loss, 10));
        assertThat(PathCost.measured(path(rtt + more, jitter, loss, 10))).isGreaterThanOrEqualTo(cost);
        assertThat(PathCost.measured(path(rtt, jitter + more, loss, 10))).isGreaterThanOrEqualTo(cost);
        assertThat(PathCost.measured(path(rtt, jitter, Math.min(1, loss + more / 50), 10)))
                .isGreaterThanOrEqualTo(cost);
        assertThat(cost).isFinite().isGreaterThanOrEqualTo(rtt);
    }

    @Property
    void aCostLiesBetweenTheGuessAndTheMeasurementAndNearerToThatWithMoreEvidence(
            @ForAll @DoubleRange(min = 0, max = 20_000) double kilometres,
            @ForAll @DoubleRange(min = 0, max = 500) double rtt,
            @ForAll @DoubleRange(min = 0, max = 60) double evidence) {
        double guess = PathCost.guess(kilometres);
        double measured = PathCost.measured(path(rtt, 0, 0, evidence));
        double cost = PathCost.of(guess, path(rtt, 0, 0, evidence));
        double surer = PathCost.of(guess, path(rtt, 0, 0, evidence + 1));

        assertThat(cost).isBetween(Math.min(guess, measured) - 1e-9, Math.max(guess, measured) + 1e-9);
        assertThat(Math.abs(measured - surer)).isLessThanOrEqualTo(Math.abs(measured - cost) + 1e-9);
    }

    @Example
    void aPathThatLosesOneInTwentyIsDearerThanACleanOneTenMillisecondsFarther() {
        double lossy = PathCost.measured(path(20, 1, 0.05, 20));
        double clean = PathCost.measured(path(30, 1, 0, 20));

        assertThat(lossy).isGreaterThan(clean);
    }

    @Example
    void withoutMeasurementTheDistanceCounts() {
        assertThat(PathCost.of(PathCost.guess(6_200), null)).isEqualTo(132);
        assertThat(PathCost.confidence(null)).isZero();
    }
}
