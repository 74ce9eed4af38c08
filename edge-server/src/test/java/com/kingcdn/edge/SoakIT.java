package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The short form of {@link Soak}. */
@NullMarked
class SoakIT {

    private static final long MEGABYTE = 1 << 20;

    @Test
    void everyOctetIsRightAndMemoryStaysFlat() throws Exception {
        try (Soak soak = new Soak()) {
            Soak.Result result = soak.run(Duration.ofSeconds(30));
            System.out.println(result);

            assertThat(result.wrong()).isNull();
            assertThat(result.verified()).isGreaterThan(500);
            assertThat(result.hits()).isGreaterThan(100);
            assertThat(result.aborted()).isPositive();
            assertThat(result.purges()).isPositive();
            assertThat(result.restarts()).isGreaterThanOrEqualTo(2);
            assertThat(result.mostMemory())
                    .as("the limit, and what is being sent")
                    .isLessThan((Soak.MEMORY_MEGABYTES + 16) * MEGABYTE);
            assertThat(result.heapLate()).isLessThan(result.heapEarly() + 24 * MEGABYTE);
            assertThat(soak.closeAndCount()).isZero();
        }
    }
}
