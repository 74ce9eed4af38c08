package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class BlockTablePropertyTest {

    record Step(boolean put, int block, int length, long location) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Integer> blocks = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 20),
                Arbitraries.integers().between(Integer.MAX_VALUE - 5, Integer.MAX_VALUE));
        return Combinators.combine(
                        Arbitraries.of(true, true, false),
                        blocks,
                        Arbitraries.integers().between(0, Blocks.SIZE),
                        Arbitraries.longs().between(0, 3).map(segment -> Location.of(segment, 48 * segment)))
                .as(Step::new)
                .list()
                .ofMaxSize(60);
    }

    @Property
    void behavesLikeASortedMap(@ForAll("steps") List<Step> steps) {
        BlockTable table = new BlockTable();
        Map<Integer, Step> model = new TreeMap<>();
        for (Step step : steps) {
            if (step.put) {
                table.put(step.block, step.length, step.location);
                model.put(step.block, step);
            } else {
                table.remove(step.block);
                model.remove(step.block);
            }
        }
        assertThat(table.numbers(location -> true)).containsExactly(numbers(model));
        model.forEach((block, step) -> {
            assertThat(table.length(block)).isEqualTo(step.length);
            assertThat(table.location(block)).isEqualTo(step.location);
        });
        assertThat(table.recordBytes())
                .isEqualTo(model.values().stream()
                        .mapToLong(step -> RecordHeader.BYTES + step.length)
                        .sum());

        int[] gone = table.removeIf(location -> Location.segment(location) == 1);
        assertThat(gone)
                .containsExactly(model.values().stream()
                        .filter(step -> Location.segment(step.location) == 1)
                        .mapToInt(Step::block)
                        .toArray());
        model.values().removeIf(step -> Location.segment(step.location) == 1);
        assertThat(table.numbers(location -> true)).containsExactly(numbers(model));
    }

    private static int[] numbers(Map<Integer, Step> model) {
        return model.keySet().stream().mapToInt(Integer::intValue).toArray();
    }
}
