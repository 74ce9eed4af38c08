package com.kingcdn.edge.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;

final class RttEstimatorPropertyTest {

    @Property
    void theEstimateLiesAmongTheAnswers(
            @ForAll @Size(min = 1, max = 60) List<@DoubleRange(min = 0, max = 2000) Double> rtts) {
        RttEstimator estimator = new RttEstimator();
        double least = Double.MAX_VALUE;
        double most = 0;
        for (double rtt : rtts) {
            estimator.answered(rtt);
            least = Math.min(least, rtt);
            most = Math.max(most, rtt);
            assertThat(estimator.rttMillis()).isBetween(least - 1e-9, most + 1e-9);
            assertThat(estimator.jitterMillis()).isBetween(0.0, most - least + 1e-9);
        }
        assertThat(estimator.loss()).isZero();
    }

    /** RFC 6298 section 2.3, in its order: first the deviation, by the old estimate. */
    @Property
    void whatIsNotFarOutIsSmoothedAsInRfc6298(
            @ForAll @Size(min = 1, max = 40) List<@DoubleRange(min = 99, max = 101) Double> rtts) {
        RttEstimator estimator = new RttEstimator();
        double srtt = rtts.get(0);
        double rttvar = 0;
        estimator.answered(srtt);
        for (double rtt : rtts.subList(1, rtts.size())) {
            rttvar = 0.75 * rttvar + 0.25 * Math.abs(srtt - rtt);
            srtt = 0.875 * srtt + 0.125 * rtt;
            estimator.answered(rtt);
        }
        assertThat(estimator.rttMillis()).isCloseTo(srtt, within(1e-6));
        assertThat(estimator.jitterMillis()).isCloseTo(rttvar, within(1e-6));
    }

    @Property
    void threeAnswersInARowFarOutAreAnotherPath(
            @ForAll @DoubleRange(min = 1, max = 100) double before,
            @ForAll @DoubleRange(min = 150, max = 1000) double after) {
        RttEstimator estimator = new RttEstimator();
        for (int i = 0; i < 20; i++) {
            estimator.answered(before);
        }
        for (int i = 0; i < RttEstimator.OUTSIDE; i++) {
            assertThat(estimator.rttMillis()).isCloseTo(before, within(1e-6));
            estimator.answered(after + i);
        }
        assertThat(estimator.rttMillis()).as("the median").isCloseTo(after + 1, within(1e-6));
    }

    @Example
    void oneStrayCountsAsAnyOther() {
        RttEstimator estimator = new RttEstimator();
        estimator.answered(10);
        estimator.answered(90);
        estimator.answered(10);
        assertThat(estimator.rttMillis()).isBetween(10.0, 20.0);
        assertThat(estimator.jitterMillis()).isGreaterThan(10);
    }

    @Property
    void lossIsTheShareOfTheNewestProbes(@ForAll @Size(min = 1, max = 60) List<Boolean> losses) {
        RttEstimator estimator = new RttEstimator();
        losses.forEach(lost -> {
            if (lost) {
                estimator.lost();
            } else {
                estimator.answered(10);
            }
        });
        List<Boolean> newest = losses.subList(Math.max(0, losses.size() - RttEstimator.WINDOW), losses.size());
        assertThat(estimator.loss())
                .isCloseTo(newest.stream().filter(lost -> lost).count() / (double) newest.size(), within(1e-9));
    }
}
