package com.kingcdn.redirector.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** What sharing promises, on made-up wishes for the 256 parts of a small address space. */
class SharedAnswersPropertyTest {

    private static final int CLUSTERS = 4;
    private static final int PARTS = 256;
    private static final Wish UNMEASURED = wish(List.of(20, 24, 28, 90), Wish.Tolerance.GUESSED);

    /** A measured prefix and what each cluster costs it. */
    record Measured(int part, int length, List<Integer> costs) {

        IpPrefix prefix() {
            return IpPrefix.of(new byte[] {(byte) part, 0, 0, 0}, length);
        }
    }

    private static Wish wish(List<Integer> costs, Wish.Tolerance tolerance) {
        int[] order = IntStream.range(0, costs.size())
                .boxed()
                .sorted((left, right) -> costs.get(left) - costs.get(right))
                .mapToInt(Integer::intValue)
                .toArray();
        float[] sorted = new float[order.length];
        for (int i = 0; i < order.length; i++) {
            sorted[i] = costs.get(order[i]);
        }
        return new Wish(order, sorted, 0, order.length, tolerance);
    }

    /** One compilation: value 0 is unmeasured, the others are measured prefixes; what comes of it holds the cluster beside the value. */
    private static final class Map8 implements SharedAnswers.Values {

        private final List<Measured> measured;
        private final int @Nullable [] before;
        private final int[] clusters = new int[PARTS];
        private final int[] values = new int[PARTS];
        /** The first part of the leaf. */
        private final int[] firsts = new int[PARTS];

        private final RemapRound round;

        Map8(List<Measured> measured, int @Nullable [] before, MeasuredLayer.Damping damping) {
            this.measured = measured;
            this.before = before;
            PrefixTableBuilder ipv4 = new PrefixTableBuilder(0);
            for (int i = 0; i < measured.size(); i++) {
                ipv4.paint(measured.get(i).prefix(), i + 1);
            }
            SharedAnswers answers = new SharedAnswers(this, measured.size(), SharingTerms.DEFAULT.price());
            answers.add(true, ipv4);
            round = answers.apply(damping);
            PrefixTable table = ipv4.compile(value -> value % CLUSTERS, null);
            for (int part = 0; part < PARTS; part++) {
                long leaf = table.find((long) part << 56, 0);
                int value = PrefixTable.value(leaf);
                firsts[part] = part & -(PARTS >> PrefixTable.width(leaf));
                clusters[part] = value % CLUSTERS;
                values[part] = value / CLUSTERS;
            }
        }

        @Override
        public Wish wish(int value) {
            return value == 0
                    ? UNMEASURED
                    : SharedAnswersPropertyTest.wish(measured.get(value - 1).costs(), Wish.Tolerance.MEASURED);
        }

        @Override
        public int measured(int value) {
            return value == 0 ? -1 : measured.get(value - 1).length();
        }

        @Override
        public int before(boolean isIpv4, long high, long low) {
            return before == null ? -1 : before[(int) (high >>> 56)];
        }

        @Override
        public int with(int value, int cluster) {
            return value * CLUSTERS + cluster;
        }

        /** What resolvers have to cache: the demand of each widest prefix with one answer, one at most; as the class prices it. */
        double answers() {
            return answers(0, PARTS, clusters);
        }

        /** The same, when everybody has what is best for itself alone. */
        double alone() {
            int[] alone = new int[PARTS];
            for (int part = 0; part < PARTS; part++) {
                Wish wish = wish(values[part]);
                alone[part] = wish.cluster(0);
                int now = before == null ? -1 : before[firsts[part]];
                if (now >= 0 && wish.allows(now, true) && wish.loss(now) <= wish.reluctance()) {
                    alone[part] = now;
                }
            }
            return answers(0, PARTS, alone);
        }

        private double answers(int from, int to, int[] given) {
            if (Arrays.stream(given, from, to).distinct().count() == 1) {
                double demand = 0;
                for (int part = from; part < to; part++) {
                    int length = measured(values[part]);
                    demand += length < 0 ? 0 : Math.scalb(1.0, length - 8);
                }
                return Math.min(1, demand);
            }
            int middle = (from + to) / 2;
            return answers(from, middle, given) + answers(middle, to, given);
        }
    }

    @Property(tries = 300)
    void nobodyGetsWhatTheToleranceForbids(
            @ForAll("measured") List<Measured> measured, @ForAll("clusters") int @Nullable [] before) {
        Map8 map = new Map8(measured, before, MeasuredLayer.Damping.NONE);
        for (int part = 0; part < PARTS; part++) {
            int cluster = map.clusters[part];
            Wish wish = map.wish(map.values[part]);
            assertThat(wish.allows(cluster, before != null && before[map.firsts[part]] == cluster))
                    .as("cluster %s for %s", cluster, wish)
                    .isTrue();
        }
        assertThat(map.round.waiting()).isZero();
    }

    @Property(tries = 300)
    void resolversCacheNoMoreThanIfEverybodyHadItsBest(
            @ForAll("measured") List<Measured> measured, @ForAll("clusters") int @Nullable [] before) {
        Map8 map = new Map8(measured, before, MeasuredLayer.Damping.NONE);
        assertThat(map.answers()).isLessThanOrEqualTo(map.alone() + 1e-6);
    }

    @Property(tries = 300)
    void withTheSameWishesNobodyMovesAgain(
            @ForAll("measured") List<Measured> measured, @ForAll("clusters") int @Nullable [] before) {
        Map8 map = new Map8(measured, before, MeasuredLayer.Damping.NONE);
        Map8 again = new Map8(measured, map.clusters, MeasuredLayer.Damping.NONE);
        assertThat(again.clusters).isEqualTo(map.clusters);
        assertThat(again.round.moved()).isZero();
    }

    @Property(tries = 100)
    void smallRoundsComeToAnEnd_andNobodyMovesTwice(
            @ForAll("measured") List<Measured> measured, @ForAll("clusters") int @Nullable [] before) {
        Map8 map = new Map8(measured, before, new MeasuredLayer.Damping(0.01, 1));
        int[] moves = new int[PARTS];
        int rounds = 0;
        while (map.round.waiting() > 0) {
            Map8 next = new Map8(measured, map.clusters, new MeasuredLayer.Damping(0.01, 1));
            for (int part = 0; part < PARTS; part++) {
                moves[part] += next.clusters[part] == map.clusters[part] ? 0 : 1;
            }
            map = next;
            assertThat(++rounds).isLessThan(2 * PARTS);
        }
        assertThat(moves).as("moves of each part after the first round").doesNotContain(2, 3, 4, 5);
        Map8 settled = map;
        assertThat(new Map8(measured, settled.clusters, MeasuredLayer.Damping.NONE).clusters)
                .isEqualTo(settled.clusters);
    }

    @Property(tries = 50)
    void aLoneMeasuredPrefixHasItsBest_andNothingElseChanges(@ForAll("one") Measured one) {
        Map8 map = new Map8(List.of(one), null, MeasuredLayer.Damping.NONE);
        int least = one.costs().stream().mapToInt(Integer::intValue).min().orElseThrow();
        Map<Boolean, List<Integer>> chosen = new HashMap<>();
        for (int part = 0; part < PARTS; part++) {
            chosen.computeIfAbsent(map.values[part] > 0, key -> new ArrayList<>())
                    .add(map.clusters[part]);
        }
        assertThat(chosen.get(true))
                .isNotEmpty()
                .allMatch(cluster -> one.costs().get(cluster) == least);
        assertThat(chosen.getOrDefault(false, List.of())).allMatch(cluster -> cluster == 0);
    }

    @Provide
    Arbitrary<Measured> one() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, PARTS - 1),
                        Arbitraries.of(8, 8, 8, 8, 7, 6, 4),
                        // far enough apart for a best one, near enough for several that will do
                        Arbitraries.integers().between(10, 60).list().ofSize(CLUSTERS))
                .as(Measured::new);
    }

    @Provide
    Arbitrary<List<Measured>> measured() {
        return one().list().ofMinSize(1).ofMaxSize(60).map(list -> {
            Map<IpPrefix, Measured> distinct = new HashMap<>();
            list.forEach(measured -> distinct.put(measured.prefix(), measured));
            // those that cover others come first
            return distinct.values().stream()
                    .sorted((left, right) -> left.prefix().compareTo(right.prefix()))
                    .toList();
        });
    }

    @Provide
    Arbitrary<int @Nullable []> clusters() {
        return Arbitraries.integers()
                .between(-1, CLUSTERS - 1)
                .array(int[].class)
                .ofSize(PARTS)
                .injectNull(0.3);
    }
}
