package com.kingcdn.redirector.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Who moves in a round and who waits. */
class MovesPropertyTest {

    record Move(float gain, double demand) {}

    private static Moves of(List<Move> all, double limit) {
        Moves moves = new Moves();
        all.forEach(move -> moves.add(move.gain(), move.demand()));
        moves.limit(limit);
        return moves;
    }

    private static BitSet waiting(Moves moves, int count) {
        BitSet waiting = new BitSet();
        IntStream.range(0, count).filter(moves::waits).forEach(waiting::set);
        return waiting;
    }

    @Provide
    static Arbitrary<List<Move>> moves() {
        Arbitrary<Float> gains = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.of(-3f, 0f, 0.5f, 7f, 7.25f, 1e9f)),
                Tuple.of(4, Arbitraries.floats().between(-1000, 1000)),
                Tuple.of(1, Arbitraries.of(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)));
        // what can be added in any order without rounding
        Arbitrary<Double> demands = Arbitraries.of(1.0, 0.5, 0.25, 2.0, 0.125);
        return Combinators.combine(gains, demands).as(Move::new).list().ofMaxSize(3000);
    }

    @Property(tries = 300)
    void whoeverGainsMostMovesFirst_ofEqualOnesTheFirst_untilTheLimitIsReached(
            @ForAll("moves") List<Move> all, @ForAll @IntRange(max = 400) int limit) {
        List<Integer> order = IntStream.range(0, all.size())
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(i -> all.get(i).gain())
                        .reversed()
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        BitSet waits = new BitSet();
        double moved = 0;
        for (int move : order) {
            double demand = all.get(move).demand();
            if (!waits.isEmpty() || (moved > 0 && moved + demand > limit)) {
                waits.set(move);
            } else {
                moved += demand;
            }
        }

        Moves moves = of(all, limit);

        assertThat(waiting(moves, all.size())).isEqualTo(waits);
        assertThat(moves.moved()).isEqualTo(moved);
        assertThat(moves.moved() + moves.waiting())
                .isCloseTo(all.stream().mapToDouble(Move::demand).sum(), within(1e-6));
    }

    @Test
    void manySmallPartsFillTheLimitToWhichTheyAddUp() {
        Moves moves = of(Collections.nCopies(100_000, new Move(1, 0.1)), 10_000);

        assertThat(moves.waiting()).isZero();
    }
}
