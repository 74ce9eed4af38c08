package com.kingcdn.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** Durations as text: what is written is read again. */
class DurationTextPropertyTest {

    @Property
    void whatIsWrittenIsReadAgain(@ForAll @LongRange(min = 0, max = 999_999_999) long millis) {
        Duration duration = Duration.ofMillis(millis);
        assertThat(DurationText.parse(DurationText.format(duration))).isEqualTo(duration);
    }

    @Property
    void wholeDaysAreWrittenAsDays(@ForAll @LongRange(min = 1, max = 3650) long days) {
        assertThat(DurationText.format(Duration.ofDays(days))).isEqualTo(days + "d");
    }

    @Property
    void anyTextIsReadOrRefused(@ForAll String text) {
        Duration duration = DurationText.parse(text);
        assertThat(duration == null || !duration.isNegative()).isTrue();
    }
}
