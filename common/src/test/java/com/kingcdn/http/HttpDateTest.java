package com.kingcdn.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110 section 5.6.7. */
class HttpDateTest {

    private static final long NOW = Instant.parse("2026-11-22T06:00:00Z").toEpochMilli();
    private static final long EXAMPLE = Instant.parse("1994-11-06T08:49:37Z").toEpochMilli();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
                "SUN, 06 NOV 1994 08:49:37 gmt"
            })
    void readsAllThreeForms(String text) {
        assertThat(HttpDate.parse(text, NOW)).isEqualTo(OptionalLong.of(EXAMPLE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "-1",
                "Sun, 06 Nov 1994 08:49:37 UTC",
                "Sun, 06 Nov 94 08:49:37 GMT",
                "Sun 06 Nov 1994 08:49:37 GMT",
                "Sun, 06  Nov  1994 08:49:37 GMT",
                "Sun, 06-Nov-1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 08.49.37 GMT",
                "Sun, 06 Nov 1994 8:49:37 GMT",
                "Sun, 31 Jun 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 24:00:00 GMT",
                "Sun, 06 Nov 1994 08:60:37 GMT",
                "Sun, 06 Nox 1994 08:49:37 GMT",
                "Xyz, 06 Nov 1994 08:49:37 GMT",
                "Someday, 06-Nov-94 08:49:37 GMT",
                "Sunday, 06-Nov-9x 08:49:37 GMT",
                "1994-11-06T08:49:37Z"
            })
    void isEmptyForWhatIsNoDate(String text) {
        assertThat(HttpDate.parse(text, NOW)).isEmpty();
    }

    @Test
    void isEmptyForNull() {
        assertThat(HttpDate.parse(null, NOW)).isEmpty();
    }

    @Test
    void takesTheLeapSecondForTheSecondBeforeIt() {
        assertThat(HttpDate.parse("Sat, 31 Dec 2016 23:59:60 GMT", NOW))
                .hasValue(Instant.parse("2016-12-31T23:59:59Z").toEpochMilli());
    }

    @Test
    void takesTwoDigitsMoreThanFiftyYearsAheadForThePast() {
        assertThat(HttpDate.parse("Thursday, 18-Aug-50 02:01:18 GMT", NOW))
                .hasValue(Instant.parse("2050-08-18T02:01:18Z").toEpochMilli());
        assertThat(HttpDate.parse("Saturday, 21-Nov-76 00:00:00 GMT", NOW))
                .hasValue(Instant.parse("2076-11-21T00:00:00Z").toEpochMilli());
        assertThat(HttpDate.parse("Wednesday, 23-Nov-77 00:00:00 GMT", NOW))
                .hasValue(Instant.parse("1977-11-23T00:00:00Z").toEpochMilli());
    }

    @Test
    void writesImfFixdate() {
        assertThat(HttpDate.format(EXAMPLE + 999)).isEqualTo("Sun, 06 Nov 1994 08:49:37 GMT");
        assertThat(HttpDate.format(EXAMPLE)).isSameAs(HttpDate.format(EXAMPLE + 1));
    }
}
