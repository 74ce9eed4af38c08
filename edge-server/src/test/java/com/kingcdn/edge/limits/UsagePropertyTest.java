package com.kingcdn.edge.limits;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.RequestLimit;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class UsagePropertyTest {

    private static final long SECOND = 1_000_000_000;

    /** In no stretch of time is more let through than the burst and the rate together, and what is denied is let through later. */
    @Property
    void neverMoreThanBurstAndRate(
            @ForAll @IntRange(min = 1, max = 1000) int rate,
            @ForAll @IntRange(min = 1, max = 50) int burst,
            @ForAll @Size(max = 300) List<@IntRange(min = 0, max = 20_000_000) Integer> pauses) {
        RequestLimit limit = new RequestLimit(rate, burst, null);
        Usage usage = new Usage();
        long now = 0;
        long granted = 0;
        for (int pause : pauses) {
            now += pause;
            long wait = usage.take(limit, now);
            if (wait == 0) {
                granted++;
            } else {
                assertThat(usage.take(limit, now + wait - 1)).isPositive();
                assertThat(wait).isLessThanOrEqualTo(SECOND / rate);
            }
            assertThat(granted).isLessThanOrEqualTo(burst + now / (SECOND / rate) + 1);
        }
    }
}
