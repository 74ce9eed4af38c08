package com.kingcdn.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110 section 14.4. */
class ContentRangeTest {

    @ParameterizedTest
    @ValueSource(strings = {"bytes 42-1233/1234", "bytes 42-1233/*", "bytes */1234", "bytes 0-0/1"})
    void writesWhatItRead(String text) {
        assertThat(ContentRange.parse(text)).hasToString(text);
    }

    @Test
    void readsTheParts() {
        assertThat(ContentRange.parse("bytes 42-1233/1234")).isEqualTo(ContentRange.of(new ByteRange(42, 1233), 1234));
        assertThat(ContentRange.parse("bytes 42-1233/*"))
                .isEqualTo(ContentRange.of(new ByteRange(42, 1233), ContentRange.UNKNOWN));
        assertThat(ContentRange.parse("bytes */0")).isEqualTo(ContentRange.unsatisfied(0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes 5-2/10",
                "bytes 0-10/10",
                "bytes 0-9",
                "bytes */*",
                "bytes -5/10",
                "bytes 0-/10",
                "items 0-1/2",
                "bytes=0-1/2",
                "bytes 0-1/x",
                "bytes 0-1/-1",
                "bytes */",
                "bytes a-b/10",
                "bytes 0-1/2/3",
                "bytes 0-99999999999999999999/*",
                "bytes 0-1/99999999999999999999",
                "bytes */99999999999999999999"
            })
    void readsNothingElse(String text) {
        assertThat(ContentRange.parse(text)).isNull();
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> ContentRange.of(new ByteRange(0, 10), 10))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ContentRange.unsatisfied(ContentRange.UNKNOWN))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ByteRange(3, 2)).isInstanceOf(IllegalArgumentException.class);
    }
}
