package com.kingcdn.redirector.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Numbers that lie in shared arrays against objects of their own. */
class MeasuredPrefixesPropertyTest {

    @Property(tries = 20)
    void whatIsKnownOfEachPrefixIsWhatWasAddedForIt(
            @ForAll @IntRange(min = 1, max = 12) int clusters,
            @ForAll @IntRange(max = 10_000) int count,
            @ForAll @IntRange(max = 10_000) int expected,
            @ForAll Random random) {
        int[] everybody = IntStream.range(0, clusters).map(i -> 2 * i).toArray();
        MeasuredPrefixes prefixes = new MeasuredPrefixes(everybody, Wish.Tolerance.MEASURED, expected);
        List<float[]> costs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] all = new float[clusters];
            for (int cluster = 0; cluster < clusters; cluster++) {
                all[cluster] = random.nextInt(20);
            }
            costs.add(all);
            assertThat(prefixes.add(i % 129, all, i % 3 == 0)).isEqualTo(i);
        }

        assertThat(prefixes.count()).isEqualTo(count);
        for (int i = 0; i < count; i++) {
            assertThat(prefixes.length(i)).isEqualTo(i % 129);
            assertThat(prefixes.isPlaced(i)).isEqualTo(i % 3 == 0);
            assertThat(ranks(prefixes.wish(i))).isEqualTo(cheapest(everybody, costs.get(i)));
            assertThat(prefixes.wish(i).best())
                    .isEqualTo(costs.get(i)[prefixes.wish(i).cluster(0) / 2]);
        }
    }

    @Property
    void unitsAreFoundByLeafAndClusterAsTheyWereGiven(
            @ForAll List<@IntRange(max = 5) Integer> leaves, @ForAll Random random) {
        GivenUnits given = new GivenUnits(6);
        Map<List<Integer>, Integer> expected = new HashMap<>();
        for (int leaf : leaves) {
            int cluster = random.nextInt(4);
            int unit = random.nextInt(1_000);
            if (expected.putIfAbsent(List.of(leaf, cluster), unit) == null) {
                assertThat(given.find(leaf, cluster)).isNegative();
                given.put(leaf, cluster, unit);
            }
        }

        expected.forEach(
                (key, unit) -> assertThat(given.find(key.get(0), key.get(1))).isEqualTo(unit));
    }

    private static List<Integer> ranks(Wish wish) {
        return IntStream.range(0, wish.size()).map(wish::cluster).boxed().toList();
    }

    /** Eight at most; of two that cost the same the first one is first. */
    private static List<Integer> cheapest(int[] clusters, float[] costs) {
        return IntStream.range(0, clusters.length)
                .boxed()
                .sorted((left, right) -> Float.compare(costs[left], costs[right]))
                .limit(8)
                .map(index -> clusters[index])
                .toList();
    }
}
