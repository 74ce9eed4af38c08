package com.kingcdn.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** RFC 9110 section 5.6.7. */
class HttpDatePropertyTest {

    private static final long YEAR_9999 = 253_402_300_799L;

    @Property
    void whatIsWrittenIsReadAgain(@ForAll @LongRange(min = 0, max = YEAR_9999) long seconds) {
        assertThat(HttpDate.parse(HttpDate.format(seconds * 1000), 0)).isEqualTo(OptionalLong.of(seconds * 1000));
    }

    @Property
    void oldFormsMeanTheSameTime(
            @ForAll @LongRange(min = 0, max = 3_000_000_000L) long seconds,
            @ForAll @LongRange(min = -1_500_000_000L, max = 1_500_000_000L) long since) {
        var time = Instant.ofEpochSecond(seconds).atZone(ZoneOffset.UTC);
        String asctime = DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.ENGLISH)
                .format(time);
        String rfc850 = DateTimeFormatter.ofPattern("EEEE, dd-MMM-yy HH:mm:ss 'GMT'", Locale.ENGLISH)
                .format(time);

        assertThat(HttpDate.parse(asctime, 0)).isEqualTo(OptionalLong.of(seconds * 1000));
        // within 47 years of now two digits are enough
        assertThat(HttpDate.parse(rfc850, (seconds + since) * 1000)).isEqualTo(OptionalLong.of(seconds * 1000));
    }

    @Property
    void noTextMakesItFail(@ForAll String text, @ForAll @LongRange(min = 0, max = YEAR_9999) long now) {
        assertThat(HttpDate.parse(text, now * 1000)).isNotNull();
    }
}
