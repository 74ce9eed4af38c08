package com.kingcdn.redirector.routing;

import com.kingcdn.redirector.pace.ShortTurns;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Those who would get another cluster, in the order in which they were found, and which of them wait for a later round.
 *
 * <p>A round finds some hundred thousand: as objects they would be copied by the garbage collector while no query is answered. Not
 * thread-safe.
 */
final class Moves {

    /** In the upper half what is less the more is gained, in the lower one the number of the move. */
    private long[] order = new long[1024];

    private double[] demands = new double[1024];
    private int count;

    private final BitSet waits = new BitSet();
    private double moved;
    private double waiting;

    /**
     * One more.
     *
     * @param gain in milliseconds
     * @param demand of those who move, in measured prefixes
     */
    void add(double gain, double demand) {
        if (count == order.length) {
            order = Arrays.copyOf(order, 2 * count);
            demands = Arrays.copyOf(demands, 2 * count);
        }
        order[count] = (long) ~ordered((float) gain) << Integer.SIZE | count;
        demands[count++] = demand;
    }

    /** A number that compares as the value does. */
    private static int ordered(float value) {
        int bits = Float.floatToIntBits(value);
        return bits ^ (bits >> (Integer.SIZE - 1) & Integer.MAX_VALUE);
    }

    /** Lets those move who gain most, of equal ones the first, and has all wait from the one with which the limit would be exceeded; one moves in any case. */
    void limit(double most) {
        double limit = most * (1 + SharedAnswers.ROUNDING);
        for (int i = count / 2 - 1; i >= 0; i--) {
            sink(i, count);
        }
        int left = count;
        while (left > 0 && (moved == 0 || moved + demands[(int) order[0]] <= limit)) {
            moved += demands[(int) order[0]];
            order[0] = order[--left];
            sink(0, left);
        }
        for (int i = 0; i < left; i++) {
            int move = (int) order[i];
            waits.set(move);
            waiting += demands[move];
        }
    }

    /** Makes a heap, the least first, of what stands from an index on and is one but for that place. Few of many move: a sort would do too much. */
    private void sink(int from, int size) {
        ShortTurns.step();
        long sinking = order[from];
        int at = from;
        for (int below = 2 * at + 1; below < size; below = 2 * at + 1) {
            if (below + 1 < size && order[below + 1] < order[below]) {
                below++;
            }
            if (sinking <= order[below]) {
                break;
            }
            order[at] = order[below];
            at = below;
        }
        order[at] = sinking;
    }

    /** Whether one has to wait, by its number from 0. */
    boolean waits(int move) {
        return waits.get(move);
    }

    /** The demand of those who move. */
    double moved() {
        return moved;
    }

    /** The demand of those who wait. */
    double waiting() {
        return waiting;
    }
}
