package com.kingcdn.redirector.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
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

    private static final int[] REST = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

    @Property(tries = 100)
    void eachUnitHasOneNumber_andEqualOnesOfTheTableBeforeAreUsedAgain(
            @ForAll @IntRange(max = 1_000) int count, @ForAll Random random) {
        @Nullable MapUnits before = null;
        Map<MapUnit, MapUnit> objects = new HashMap<>();
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
            Map<MapUnit, MapUnit> now = new HashMap<>();
            for (int number = 0; number < expected.size(); number++) {
                MapUnit unit = units.get(number);
                assertThat(unit).isEqualTo(expected.get(number));
                assertThat(unit).isSameAs(objects.getOrDefault(unit, unit));
                now.put(unit, unit);
            }
            objects = now;
            before = units.complete();
        }
    }

    private static MapUnit unit(Random random) {
        int[] head = {random.nextInt(12), 0, 0};
        head[1] = (head[0] + 1 + random.nextInt(4)) % 12;
        head[2] = (head[1] + 1 + random.nextInt(4)) % 12;
        return new MapUnit(new Ranking(head, REST), LocationSource.NONE, random.nextBoolean(), random.nextBoolean());
    }
}
