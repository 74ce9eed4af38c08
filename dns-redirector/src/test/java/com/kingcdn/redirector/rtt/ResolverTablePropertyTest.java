package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class ResolverTablePropertyTest {

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {9, (byte) (number >> 16), (byte) (number >> 8), (byte) number});
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    @Property
    void whoAsksTwiceAsMuchComesFirst(
            @ForAll @Size(min = 1, max = 30) List<@IntRange(min = 1, max = 1000) Integer> counts) {
        ResolverTable table = new ResolverTable(100, 0);
        Map<InetAddress, Integer> asked = new HashMap<>();
        for (int i = 0; i < counts.size(); i++) {
            table.asked(address(i), counts.get(i));
            asked.put(address(i), counts.get(i));
        }
        List<Integer> ranked = table.ranked(100).stream().map(asked::get).toList();
        assertThat(ranked).hasSameSizeAs(counts);
        for (int i = 1; i < ranked.size(); i++) {
            assertThat(ranked.get(i)).isLessThan(2 * ranked.get(i - 1));
        }
    }

    @Property(tries = 50)
    void itIsBounded_andThoseThatAskMostStay(@ForAll @IntRange(min = 0, max = 5000) int strangers) {
        ResolverTable table = new ResolverTable(64, 0);
        table.asked(address(1 << 20), 100);
        for (int i = 0; i < strangers; i++) {
            table.asked(address(i), 1);
            assertThat(table.size()).isLessThanOrEqualTo(64);
        }
        assertThat(table.ranked(1)).containsExactly(address(1 << 20));
    }

    @Example
    void whoAsksNoMoreIsForgotten() {
        ResolverTable table = new ResolverTable(64, 0);
        table.asked(address(1), 1);
        table.asked(address(2), 1000);
        table.decay(3 * ResolverTable.HALF_LIFE_MILLIS);
        assertThat(table.ranked(2)).containsExactly(address(2), address(1));
        table.decay(5 * ResolverTable.HALF_LIFE_MILLIS);
        assertThat(table.ranked(2)).containsExactly(address(2));
    }

    @Example
    void theSampleNotesEachOfFew_andFewOfMany() {
        ResolverSample sample = new ResolverSample();
        sample.asked(address(7));
        Map<InetAddress, Integer> noted = new HashMap<>();
        sample.drain((source, queries) -> noted.merge(source, queries, Integer::sum));
        assertThat(noted).containsExactly(Map.entry(address(7), 1));

        // three of four queries come from one resolver: so do three of four notes, when they are few of many, too
        for (int second = 0; second < 20; second++) {
            noted.clear();
            for (int i = 0; i < 50_000; i++) {
                sample.asked(address(i % 4 == 0 ? 1 : 2));
            }
            sample.drain((source, queries) -> noted.merge(source, queries, Integer::sum));
        }
        int all = noted.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(all).isBetween(20_000, 60_000);
        assertThat(noted.getOrDefault(address(2), 0) / (double) all).isBetween(0.65, 0.85);
    }
}
