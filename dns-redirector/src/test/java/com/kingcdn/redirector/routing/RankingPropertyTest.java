package com.kingcdn.redirector.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** An order in two parts is the same as one in one list. */
class RankingPropertyTest {

    private static final int CLUSTERS = 12;

    private static int[] shuffled(int size, Random random) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < CLUSTERS; i++) {
            all.add(i);
        }
        Collections.shuffle(all, random);
        return all.subList(0, size).stream().mapToInt(Integer::intValue).toArray();
    }

    private static Set<Integer> expected(int[] head, int[] rest) {
        Set<Integer> order = new LinkedHashSet<>();
        for (int cluster : head) {
            order.add(cluster);
        }
        for (int cluster : rest) {
            order.add(cluster);
        }
        return order;
    }

    private static int[] numbers(Set<Integer> order) {
        return order.stream().mapToInt(Integer::intValue).toArray();
    }

    @Property(tries = 500)
    void theHeadThenTheOthers(
            @ForAll @IntRange(max = CLUSTERS) int own,
            @ForAll @IntRange(max = CLUSTERS) int others,
            @ForAll @IntRange(max = CLUSTERS - 1) int leader,
            @ForAll Random random) {
        int[] head = shuffled(own, random);
        int[] rest = shuffled(others, random);
        Ranking ranking = new Ranking(head, rest);
        int[] order = numbers(expected(head, rest));

        assertThat(ranking.toArray()).containsExactly(order);
        assertThat(ranking.size()).isEqualTo(order.length);
        assertThat(ranking.first()).isEqualTo(order.length == 0 ? -1 : order[0]);
        assertThat(ranking.ledBy(leader).toArray()).containsExactly(numbers(expected(new int[] {leader}, order)));

        Ranking whole = new Ranking(new int[0], order);
        assertThat(whole).isEqualTo(ranking).hasSameHashCodeAs(ranking).hasToString(ranking.toString());
        if (order.length > 1) {
            int[] other = order.clone();
            other[order.length - 1] = order[0];
            other[0] = order[order.length - 1];
            assertThat(new Ranking(new int[0], other)).isNotEqualTo(ranking);
        }
    }

    /** Each rebuild of the map compares orders a hundred thousand times, most of them different. */
    @Example
    void comparingOrdersMakesNoGarbage() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int[] rest = IntStream.range(0, 200).toArray();
        Ranking one = new Ranking(new int[] {7, 8, 9}, rest);
        List<Ranking> others = List.of(
                new Ranking(new int[] {7, 8, 10}, rest),
                new Ranking(new int[] {6}, rest),
                new Ranking(new int[] {7, 8, 9, 0}, rest));
        int tries = 10_000;
        int equal = 0;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < tries; i++) {
            for (int other = 0; other < 3; other++) {
                equal += one.equals(others.get(other)) ? 1 : 0;
            }
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(equal).as("the last has the same order").isEqualTo(tries);
        assertThat(allocated / tries).as("bytes for three").isLessThan(100);
    }
}
