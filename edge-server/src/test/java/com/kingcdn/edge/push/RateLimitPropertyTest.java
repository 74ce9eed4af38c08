package com.kingcdn.edge.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class RateLimitPropertyTest {

    private static final long SECOND = 1_000_000_000;

    @Property
    void neverTakesMoreThanTheRateAndOneSecondsWorth(
            @ForAll @LongRange(min = 1, max = 1_000_000_000) long bytesPerSecond,
            @ForAll @Size(min = 1, max = 50) List<@IntRange(min = 1, max = 1 << 20) Integer> pieces) {
        RateLimit rate = new RateLimit(bytesPerSecond);
        long now = 5 * SECOND;
        long taken = 0;
        for (int piece : pieces) {
            now += rate.take(piece, now);
            taken += piece;
            double seconds = (double) (now - 5 * SECOND) / SECOND;
            assertThat((double) taken).isLessThanOrEqualTo((seconds + 1) * bytesPerSecond * 1.000001 + 1);
        }
    }

    @Property
    void withoutALimitNothingWaits(@ForAll @LongRange(min = 0) long octets, @ForAll long now) {
        assertThat(new RateLimit(0).take(octets, now)).isZero();
    }
}
