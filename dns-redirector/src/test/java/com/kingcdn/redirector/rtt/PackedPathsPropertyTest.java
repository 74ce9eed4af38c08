package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.kingcdn.control.RttMethod;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;

/** What is put into sixteen bytes comes out again. */
class PackedPathsPropertyTest {

    @Property(tries = 500)
    void eachFieldComesBackAndTouchesNoOther(
            @ForAll @IntRange(max = Short.MAX_VALUE - 1) int cluster,
            @ForAll @FloatRange(max = 59_999) float rtt,
            @ForAll @FloatRange(max = 59_999) float jitter,
            @ForAll @FloatRange(max = 1) float loss,
            @ForAll @IntRange(min = -90_000) int second,
            @ForAll @FloatRange(min = 1, max = 1_000) float evidence,
            @ForAll RttMethod method,
            @ForAll @IntRange(max = PackedPaths.MOST_SILENCE) int silence) {
        PackedPaths paths = new PackedPaths(cluster);
        paths.add(7);
        int at = paths.add(cluster);
        paths.add(9);
        paths.measured(at, rtt, jitter, loss);
        paths.answered(at, second, evidence, method);
        paths.silent(at, silence);

        assertThat(paths.cluster(at)).isEqualTo(cluster);
        assertThat(paths.rtt(at)).isCloseTo(Math.min(rtt, 4095.9375f), within(1 / 32f));
        assertThat(paths.jitter(at)).isCloseTo(Math.min(jitter, 4095.9375f), within(1 / 32f));
        assertThat(paths.loss(at)).isCloseTo(loss, within(1e-5f));
        assertThat(paths.second(at)).isEqualTo(second);
        assertThat(paths.evidence(at)).isCloseTo(Math.min(evidence, PackedPaths.MOST_EVIDENCE), within(1 / 8f));
        assertThat(paths.method(at)).isEqualTo(method);
        assertThat(paths.silence(at)).isEqualTo(silence);
        assertThat(new int[] {paths.cluster(0), paths.second(0), paths.cluster(2), paths.second(2)})
                .containsExactly(7, 0, 9, 0);

        paths.answered(at, second, evidence, method);
        assertThat(paths.silence(at)).isZero();
    }

    @Example
    void listsOfAllPrefixesDoNotGrowAtOnce() {
        int lists = 64;
        List<PackedPaths> all = new ArrayList<>();
        for (int i = 0; i < lists; i++) {
            all.add(new PackedPaths(i));
        }
        for (int cluster = 0; cluster < 300; cluster++) {
            long growing = all.stream().filter(paths -> paths.growth() > 0).count();
            if (cluster >= 64) {
                assertThat(growing).as("with cluster %d", cluster).isLessThanOrEqualTo(lists / 4);
            }
            for (PackedPaths paths : all) {
                paths.add(cluster);
                assertThat(paths.bytes()).isLessThanOrEqualTo(16L * (cluster + 1 + (cluster + 16) / 8));
            }
        }
    }

    @Property(tries = 100)
    void evidenceHalvesByTheHalfLife(
            @ForAll @IntRange(min = 1_000, max = 86_400_000) int halfLife,
            @ForAll @IntRange(max = 500_000_000) int age) {
        assertThat(new Fading(halfLife).left(age)).isCloseTo(Math.pow(0.5, age / (double) halfLife), within(2e-4));
    }
}
