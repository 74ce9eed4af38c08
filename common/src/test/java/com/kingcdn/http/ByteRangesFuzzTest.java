package com.kingcdn.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** Range as anybody could write it (RFC 9110 section 14.1.2). Seeds are run with all tests; JAZZER_FUZZ=1 looks for more. */
class ByteRangesFuzzTest {

    @FuzzTest(maxDuration = "90s")
    void whatIsSelectedLiesWithinAndApart(FuzzedDataProvider data) {
        long length = data.consumeLong(0, 1L << 40);
        String field = data.consumeRemainingAsAsciiString();
        ByteRanges ranges = ByteRanges.parse(field);
        ByteRanges.Selection selection = ranges.select(length);
        if (!ranges.isPresent()) {
            assertThat(selection).isInstanceOf(ByteRanges.Whole.class);
        }
        if (selection instanceof ByteRanges.Parts parts) {
            assertThat(parts.ranges()).isNotEmpty().hasSizeLessThanOrEqualTo(ByteRanges.MAX_PARTS);
            long sum = 0;
            for (int i = 0; i < parts.ranges().size(); i++) {
                ByteRange range = parts.ranges().get(i);
                assertThat(range.last()).isLessThan(length);
                sum += range.length();
                for (ByteRange other : parts.ranges().subList(0, i)) {
                    assertThat(other.first() > range.last() || other.last() < range.first())
                            .isTrue();
                }
            }
            assertThat(sum).isLessThanOrEqualTo(length);
        }
    }
}
