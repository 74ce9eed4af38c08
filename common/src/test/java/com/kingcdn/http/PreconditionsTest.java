package com.kingcdn.http;

import static com.kingcdn.http.Preconditions.Outcome.NOT_MODIFIED;
import static com.kingcdn.http.Preconditions.Outcome.PRECONDITION_FAILED;
import static com.kingcdn.http.Preconditions.Outcome.PROCEED;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.Preconditions.Outcome;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** RFC 9110 section 13. */
class PreconditionsTest {

    private static final long NOW = Instant.parse("2026-11-22T06:00:00Z").toEpochMilli();
    private static final String BEFORE = "Sat, 21 Nov 2026 05:00:00 GMT";
    private static final String MODIFIED = "Sat, 21 Nov 2026 06:00:00 GMT";
    private static final String AFTER = "Sat, 21 Nov 2026 07:00:00 GMT";

    private static final Validators CURRENT =
            Validators.of(HeaderFields.of("ETag", "\"v2\"", "Last-Modified", MODIFIED), NOW);

    private static Outcome get(@Nullable Validators current, String... fields) {
        return Preconditions.evaluate("GET", HeaderFields.of(fields), current, NOW);
    }

    @Test
    void withoutConditionsTheMethodIsPerformed() {
        assertThat(get(CURRENT)).isEqualTo(PROCEED);
        assertThat(get(null)).isEqualTo(PROCEED);
    }

    @Test
    void ifMatchComparesStrongly() {
        assertThat(get(CURRENT, "If-Match", "\"v1\", \"v2\"")).isEqualTo(PROCEED);
        assertThat(get(CURRENT, "If-Match", "\"v1\"")).isEqualTo(PRECONDITION_FAILED);
        assertThat(get(CURRENT, "If-Match", "W/\"v2\"")).isEqualTo(PRECONDITION_FAILED);
        assertThat(get(CURRENT, "If-Match", "*")).isEqualTo(PROCEED);
        assertThat(get(null, "If-Match", "*")).isEqualTo(PRECONDITION_FAILED);
        assertThat(get(Validators.NONE, "If-Match", "\"v2\"")).isEqualTo(PRECONDITION_FAILED);
    }

    @Test
    void ifUnmodifiedSinceCountsOnlyWithoutIfMatch() {
        assertThat(get(CURRENT, "If-Unmodified-Since", MODIFIED)).isEqualTo(PROCEED);
        assertThat(get(CURRENT, "If-Unmodified-Since", BEFORE)).isEqualTo(PRECONDITION_FAILED);
        assertThat(get(CURRENT, "If-Unmodified-Since", "yesterday")).isEqualTo(PROCEED);
        assertThat(get(Validators.NONE, "If-Unmodified-Since", BEFORE)).isEqualTo(PROCEED);
        assertThat(get(CURRENT, "If-Match", "\"v2\"", "If-Unmodified-Since", BEFORE))
                .isEqualTo(PROCEED);
    }

    @Test
    void ifNoneMatchComparesWeakly() {
        assertThat(get(CURRENT, "If-None-Match", "\"v1\", W/\"v2\"")).isEqualTo(NOT_MODIFIED);
        assertThat(get(CURRENT, "If-None-Match", "\"v1\"")).isEqualTo(PROCEED);
        assertThat(get(CURRENT, "If-None-Match", "*")).isEqualTo(NOT_MODIFIED);
        assertThat(get(null, "If-None-Match", "*")).isEqualTo(PROCEED);
        assertThat(get(Validators.NONE, "If-None-Match", "\"v2\"")).isEqualTo(PROCEED);
    }

    @Test
    void ifNoneMatchFailsOtherMethods() {
        var fields = HeaderFields.of("If-None-Match", "*");
        assertThat(Preconditions.evaluate("PUT", fields, CURRENT, NOW)).isEqualTo(PRECONDITION_FAILED);
        assertThat(Preconditions.evaluate("PUT", fields, null, NOW)).isEqualTo(PROCEED);
        assertThat(Preconditions.evaluate("HEAD", fields, CURRENT, NOW)).isEqualTo(NOT_MODIFIED);
    }

    @Test
    void ifModifiedSinceCountsOnlyWithoutIfNoneMatchAndWhenReading() {
        assertThat(get(CURRENT, "If-Modified-Since", MODIFIED)).isEqualTo(NOT_MODIFIED);
        assertThat(get(CURRENT, "If-Modified-Since", AFTER)).isEqualTo(NOT_MODIFIED);
        assertThat(get(CURRENT, "If-Modified-Since", BEFORE)).isEqualTo(PROCEED);
        assertThat(get(CURRENT, "If-Modified-Since", "yesterday")).isEqualTo(PROCEED);
        assertThat(get(Validators.NONE, "If-Modified-Since", AFTER)).isEqualTo(PROCEED);
        assertThat(get(CURRENT, "If-None-Match", "\"v1\"", "If-Modified-Since", AFTER))
                .isEqualTo(PROCEED);
        var since = HeaderFields.of("If-Modified-Since", AFTER);
        assertThat(Preconditions.evaluate("PUT", since, CURRENT, NOW)).isEqualTo(PROCEED);
    }

    @Test
    void ifMatchIsLookedAtBeforeIfNoneMatch() {
        assertThat(get(CURRENT, "If-Match", "\"v1\"", "If-None-Match", "\"v2\""))
                .isEqualTo(PRECONDITION_FAILED);
        assertThat(get(CURRENT, "If-Match", "\"v2\"", "If-None-Match", "\"v2\""))
                .isEqualTo(NOT_MODIFIED);
    }

    @Test
    void ifRangeWantsExactlyThisVersion() {
        assertThat(range(CURRENT)).isTrue();
        assertThat(range(CURRENT, "If-Range", "\"v2\"")).isTrue();
        assertThat(range(CURRENT, "If-Range", "\"v1\"")).isFalse();
        assertThat(range(CURRENT, "If-Range", "W/\"v2\"")).isFalse();
        assertThat(range(CURRENT, "If-Range", MODIFIED)).isTrue();
        assertThat(range(CURRENT, "If-Range", AFTER)).isFalse();
        assertThat(range(CURRENT, "If-Range", "v2")).isFalse();
        assertThat(range(Validators.NONE, "If-Range", "\"v2\"")).isFalse();
    }

    /** Section 8.8.2.2: a representation that changed within this second may change again in it. */
    @Test
    void ifRangeTrustsNoDateOfTheSameSecond() {
        var justNow = Validators.of(HeaderFields.of("Last-Modified", MODIFIED, "Date", MODIFIED), NOW);
        assertThat(justNow.lastModifiedStrong()).isFalse();
        assertThat(range(justNow, "If-Range", MODIFIED)).isFalse();
    }

    private static boolean range(Validators current, String... fields) {
        return Preconditions.rangeApplies(HeaderFields.of(fields), current, NOW);
    }
}
