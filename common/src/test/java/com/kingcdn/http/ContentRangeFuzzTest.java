package com.kingcdn.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** Content-Range as an origin could write it (RFC 9110 section 14.4): what is taken for a range is one, and means itself. */
class ContentRangeFuzzTest {

    @FuzzTest(maxDuration = "90s")
    void whatIsReadLiesWithinAndIsWrittenAsItWasRead(FuzzedDataProvider data) {
        String field = data.consumeRemainingAsAsciiString();
        ContentRange range = ContentRange.parse(field);
        if (range == null) {
            return;
        }
        ByteRange part = range.range();
        if (part == null) {
            assertThat(range.completeLength()).isNotNegative();
        } else {
            assertThat(part.first()).isBetween(0L, part.last());
            assertThat(range.completeLength() == ContentRange.UNKNOWN || part.last() < range.completeLength())
                    .isTrue();
        }
        assertThat(ContentRange.parse(range.toString())).isEqualTo(range);
        assertThat(withoutLeadingZeros(field)).isEqualToIgnoringCase(range.toString());
    }

    private static String withoutLeadingZeros(String field) {
        return field.replaceAll("(?<![0-9])0+(?=[0-9])", "");
    }
}
