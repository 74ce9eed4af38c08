package com.kingcdn.redirector.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** Units beside a map from them to their numbers, through several tables one after the other. */
class MapUnitsPropertyTest {

    private static final int[][] RESTS = {{0, 1, 2, 3, 4, 5, 6, 7}, {7, 6, 5, 4, 3, 2, 1, 0}, {2, 5}, {}};
    private static final List<LocationSource> SOURCES = List.of(LocationSource.values());

    @Property(tries = 100)
    void eachUnitHasOneNumberAndIsReadAsItWas(@ForAll @IntRange(max = 1_000) int count, @ForAll Random random) {
        @Nullable MapUnits before = null;
        for (int table = 0; table < 3; table++) {
            MapUnits units = new MapUnits(before);
            List<MapUnit> expected = new ArrayList<>();
            Map<MapUnit, Integer> numbers = new HashMap<>();
            for (int i = 0; i < count; i++) {
                MapUnit unit = unit(random);
                if (numbers.putIfAbsent(unit, expected.size()) == null) {
                    expected.add(unit);
                }
                assertThat(units.number(unit)).isEqualTo(numbers.get(unit));
            }
            before = units.complete();
            for (int number = 0; number < expected.size(); number++) {
                assertThat(before.get(number)).isEqualTo(expected.get(number));
                assertThat(before.order(number))
                        .isEqualTo(expected.get(number).ranking().toArray());
                assertThat(before.first(number))
                        .isEqualTo(expected.get(number).ranking().first());
            }
        }
    }

    /** With heads that are the beginning of the rest, too, so that equal orders come divided at different places. */
    private static MapUnit unit(Random random) {
        int[] rest = RESTS[random.nextInt(RESTS.length)];
        int[] head = random.ints(0, 8).distinct().limit(random.nextInt(4)).toArray();
        if (random.nextInt(3) == 0) {
            head = Arrays.copyOf(rest, Math.min(rest.length, head.length));
        }
        return new MapUnit(
                new Ranking(head, rest),
                random.nextInt(3),
                SOURCES.get(random.nextInt(SOURCES.size())),
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextInt(3) - 1);
    }
}
