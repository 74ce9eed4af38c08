package com.kingcdn.control.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ReconnectBackoffPropertyTest {

    @Property
    void waitsGrowToTheLongestAndNoFurther(@ForAll long seed, @ForAll @IntRange(min = 0, max = 100) int failures) {
        ReconnectBackoff backoff = new ReconnectBackoff(new Random(seed));
        for (int i = 0; i < failures; i++) {
            Duration ceiling = i < 6 ? ReconnectBackoff.FIRST.multipliedBy(1L << i) : ReconnectBackoff.LONGEST;
            assertThat(backoff.next()).isBetween(ceiling.dividedBy(2), ceiling);
        }
        backoff.succeeded();
        assertThat(backoff.next()).isLessThanOrEqualTo(ReconnectBackoff.FIRST);
    }
}
