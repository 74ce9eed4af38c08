package com.kingcdn.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** RFC 9110 sections 8.8 and 15.3.7.3. */
class ValidatorsTest {

    private static final String MODIFIED = "Sat, 21 Nov 2026 06:00:00 GMT";
    private static final String DATE = "Sun, 22 Nov 2026 06:00:00 GMT";

    private static Validators of(String... fields) {
        return Validators.of(HeaderFields.of(fields), 0);
    }

    @Test
    void partsCombineByStrongTag() {
        assertThat(of("ETag", "\"a\"").matchesStrongly(of("ETag", "\"a\""))).isTrue();
        assertThat(of("ETag", "\"a\"").matchesStrongly(of("ETag", "\"b\""))).isFalse();
        assertThat(of("ETag", "W/\"a\"").matchesStrongly(of("ETag", "W/\"a\""))).isFalse();
    }

    @Test
    void partsCombineByDateOnlyWithoutTags() {
        assertThat(of("Last-Modified", MODIFIED, "Date", DATE)
                        .matchesStrongly(of("Last-Modified", MODIFIED, "Date", DATE)))
                .isTrue();
        assertThat(of("Last-Modified", MODIFIED, "Date", DATE).matchesStrongly(of("Last-Modified", DATE, "Date", DATE)))
                .isFalse();
        assertThat(of("ETag", "\"a\"", "Last-Modified", MODIFIED, "Date", DATE)
                        .matchesStrongly(of("Last-Modified", MODIFIED, "Date", DATE)))
                .isFalse();
        assertThat(of("Last-Modified", MODIFIED, "Date", MODIFIED)
                        .matchesStrongly(of("Last-Modified", MODIFIED, "Date", MODIFIED)))
                .isFalse();
    }

    @Test
    void nothingMatchesNothing() {
        assertThat(Validators.NONE.isEmpty()).isTrue();
        assertThat(of("ETag", "unquoted").isEmpty()).isTrue();
        assertThat(Validators.NONE.matchesStrongly(Validators.NONE)).isFalse();
    }
}
