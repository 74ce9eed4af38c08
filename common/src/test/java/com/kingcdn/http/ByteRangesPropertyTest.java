package com.kingcdn.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.ByteRanges.NotSatisfiable;
import com.kingcdn.http.ByteRanges.Parts;
import com.kingcdn.http.ByteRanges.Selection;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** RFC 9110 section 14.2, against a bit for each byte. */
class ByteRangesPropertyTest {

    private static final int LONGEST = 200;

    @Provide
    Arbitrary<String> spec() {
        Arbitrary<Integer> place = Arbitraries.integers().between(0, LONGEST + 20);
        Arbitrary<String> closed = Combinators.combine(
                        place, Arbitraries.integers().between(0, 40))
                .as((first, more) -> first + "-" + (first + more));
        return Arbitraries.oneOf(closed, place.map(first -> first + "-"), place.map(suffix -> "-" + suffix));
    }

    @Property
    void selectsExactlyTheBytesAskedFor(
            @ForAll @Size(min = 1, max = 8) List<@From("spec") String> specs,
            @ForAll @IntRange(min = 1, max = LONGEST) int length) {
        BitSet wanted = wanted(specs, length);

        Selection selection =
                ByteRanges.parse("bytes=" + String.join(", ", specs)).select(length);

        if (wanted.isEmpty()) {
            assertThat(selection).isInstanceOf(NotSatisfiable.class);
            return;
        }
        BitSet selected = new BitSet();
        for (ByteRange range : ((Parts) selection).ranges()) {
            BitSet part = new BitSet();
            part.set((int) range.first(), (int) range.last() + 1);
            assertThat(selected.intersects(part)).as("no byte twice").isFalse();
            selected.or(part);
        }
        assertThat(selected).isEqualTo(wanted);
    }

    private static BitSet wanted(List<String> specs, int length) {
        BitSet wanted = new BitSet();
        for (String spec : specs) {
            int dash = spec.indexOf('-');
            if (dash == 0) {
                wanted.set(Math.max(0, length - Integer.parseInt(spec.substring(1))), length);
                continue;
            }
            int first = Integer.parseInt(spec.substring(0, dash));
            int last = dash == spec.length() - 1 ? length - 1 : Integer.parseInt(spec.substring(dash + 1));
            if (first < length) {
                wanted.set(first, Math.min(last, length - 1) + 1);
            }
        }
        return wanted;
    }

    @Property
    void neverFailsAndNeverPassesTheEnd(@ForAll String text, @ForAll @IntRange(min = 0, max = LONGEST) int length) {
        Selection selection = ByteRanges.parse("bytes=" + text).select(length);
        if (selection instanceof Parts parts) {
            assertThat(parts.ranges()).hasSizeBetween(1, ByteRanges.MAX_PARTS).allMatch(part -> part.last() < length);
        }
    }

    @Property
    void hugeNumbersAreNumbers(@ForAll @Size(min = 1, max = 40) List<@IntRange(min = 0, max = 9) Integer> digits) {
        String number = digits.stream().map(String::valueOf).collect(Collectors.joining());
        assertThat(ByteRanges.parse("bytes=" + number + "-").isPresent()).isTrue();
        assertThat(ByteRanges.parse("bytes=-" + number).isPresent()).isTrue();
    }
}
