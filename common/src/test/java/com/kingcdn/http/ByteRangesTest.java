package com.kingcdn.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.ByteRanges.NotSatisfiable;
import com.kingcdn.http.ByteRanges.Parts;
import com.kingcdn.http.ByteRanges.Selection;
import com.kingcdn.http.ByteRanges.Whole;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110 sections 14.1.2, 14.2, 15.5.17 and 17.15. */
class ByteRangesTest {

    private static final long LENGTH = 10_000;

    private static Selection select(String field) {
        return ByteRanges.parse(field).select(LENGTH);
    }

    private static Parts parts(ByteRange... ranges) {
        return new Parts(List.of(ranges));
    }

    @Test
    void selectsTheExamplesOfTheSpecification() {
        assertThat(select("bytes=0-499")).isEqualTo(parts(new ByteRange(0, 499)));
        assertThat(select("bytes=500-999")).isEqualTo(parts(new ByteRange(500, 999)));
        assertThat(select("bytes=-500")).isEqualTo(parts(new ByteRange(9500, 9999)));
        assertThat(select("bytes=9500-")).isEqualTo(parts(new ByteRange(9500, 9999)));
        assertThat(select("bytes=0-0,-1")).isEqualTo(parts(new ByteRange(0, 0), new ByteRange(9999, 9999)));
        assertThat(select("bytes= 0-999, 4500-5499, -1000"))
                .isEqualTo(parts(new ByteRange(0, 999), new ByteRange(4500, 5499), new ByteRange(9000, 9999)));
        assertThat(select("BYTES=0-99")).isEqualTo(parts(new ByteRange(0, 99)));
    }

    @Test
    void endsWhereTheRepresentationEnds() {
        assertThat(select("bytes=9000-20000")).isEqualTo(parts(new ByteRange(9000, 9999)));
        assertThat(select("bytes=-20000")).isEqualTo(parts(new ByteRange(0, 9999)));
        assertThat(select("bytes=0-99999999999999999999999")).isEqualTo(parts(new ByteRange(0, 9999)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bytes",
                "bytes=",
                "bytes=,",
                "bytes=-",
                "bytes=a-b",
                "bytes=5-2",
                "bytes=1",
                "bytes=0x0-5",
                "bytes=--5",
                "bytes=0-1;2-3",
                "bytes=0-1,x",
                "items=0-5",
                "bytes =0-5",
                "bytes=+1-2",
                "bytes=0-1,5-2"
            })
    void ignoresWhatIsNotValid(String field) {
        assertThat(ByteRanges.parse(field).isPresent()).isFalse();
        assertThat(select(field)).isInstanceOf(Whole.class);
    }

    @Test
    void isAbsentForNull() {
        assertThat(ByteRanges.parse(null).isPresent()).isFalse();
    }

    @Test
    void isNotSatisfiablePastTheEnd() {
        assertThat(select("bytes=10000-")).isInstanceOf(NotSatisfiable.class);
        assertThat(select("bytes=10000-10005, 20000-")).isInstanceOf(NotSatisfiable.class);
        assertThat(select("bytes=-0")).isInstanceOf(NotSatisfiable.class);
        assertThat(select("bytes=10000-, 0-4")).isEqualTo(parts(new ByteRange(0, 4)));
    }

    @Test
    void nothingCanBeSelectedOfNothing() {
        assertThat(ByteRanges.parse("bytes=0-").select(0)).isInstanceOf(NotSatisfiable.class);
        assertThat(ByteRanges.parse("bytes=-5").select(0)).isInstanceOf(Whole.class);
    }

    @Test
    void putsOverlappingAndTouchingPartsTogether() {
        assertThat(select("bytes=0-99,50-149")).isEqualTo(parts(new ByteRange(0, 149)));
        assertThat(select("bytes=100-199,0-99")).isEqualTo(parts(new ByteRange(0, 199)));
        assertThat(select("bytes=0-9,0-9,0-9")).isEqualTo(parts(new ByteRange(0, 9)));
        assertThat(select("bytes=0-,5-6,-1")).isEqualTo(parts(new ByteRange(0, 9999)));
    }

    /** Section 15.3.7.2: parts may be sent in the order they were asked for. */
    @Test
    void keepsTheOrderOfPartsThatAreApart() {
        assertThat(select("bytes=500-599,0-99")).isEqualTo(parts(new ByteRange(500, 599), new ByteRange(0, 99)));
    }

    @Test
    void rejectsMorePartsThanItSends() {
        assertThat(select(everyTenth(ByteRanges.MAX_PARTS)))
                .isInstanceOfSatisfying(
                        Parts.class, parts -> assertThat(parts.ranges()).hasSize(ByteRanges.MAX_PARTS));
        assertThat(select(everyTenth(ByteRanges.MAX_PARTS + 1))).isInstanceOf(NotSatisfiable.class);
    }

    @Test
    void rejectsTenThousandPartsWithoutLookingAtThem() {
        ByteRanges many = ByteRanges.parse(everyTenth(10_000));
        assertThat(many.isTooMany()).isTrue();
        assertThat(many.isPresent()).isTrue();
        assertThat(many.specs()).isEmpty();
        assertThat(many.select(LENGTH)).isInstanceOf(NotSatisfiable.class);
    }

    private static String everyTenth(int parts) {
        return IntStream.range(0, parts)
                .mapToObj(i -> i * 10 + "-" + i * 10)
                .collect(Collectors.joining(",", "bytes=", ""));
    }
}
