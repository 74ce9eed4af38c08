package com.kingcdn.redirector.routing;

import java.util.Arrays;
import java.util.BitSet;

/**
 * The measured prefixes by number, and what the clients of each would have.
 *
 * <p>A hundred thousand objects of each kind that live as long as a compilation would be copied by the garbage collector while no query is
 * answered; so numbers lie in few arrays, which are too large for it to move.
 */
final class MeasuredPrefixes {

    private final int[] clusters;
    private final int size;
    private final Wish.Tolerance tolerance;
    private final BitSet placed = new BitSet();
    private int[] best;
    private float[] costs;
    private byte[] lengths;
    private int count;
    /** Shows each prefix's in turn. */
    private Wish shown;

    /**
     * None yet.
     *
     * @param clusters indexes of those that serve everybody; at least one
     * @param expected about how many prefixes there will be
     */
    MeasuredPrefixes(int[] clusters, Wish.Tolerance tolerance, int expected) {
        this.clusters = clusters;
        this.size = Math.min(Wish.KNOWN, clusters.length);
        this.tolerance = tolerance;
        int room = expected + expected / 16 + 64;
        best = new int[room * size];
        costs = new float[room * size];
        lengths = new byte[room];
        shown = new Wish(best, costs, 0, size, tolerance);
    }

    /**
     * The next one.
     *
     * @param length of the prefix
     * @param all what each cluster costs it, in milliseconds
     * @param isPlaced whether its place is known
     * @return its number
     */
    int add(int length, float[] all, boolean isPlaced) {
        if (count == lengths.length) {
            int room = count + count / 2;
            best = Arrays.copyOf(best, room * size);
            costs = Arrays.copyOf(costs, room * size);
            lengths = Arrays.copyOf(lengths, room);
            shown = new Wish(best, costs, 0, size, tolerance);
        }
        Wish.choose(clusters, all, best, costs, count * size, size);
        lengths[count] = (byte) length;
        placed.set(count, isPlaced);
        return count++;
    }

    /** How many there are. */
    int count() {
        return count;
    }

    /** How many bits the prefix has. */
    int length(int number) {
        return lengths[number] & 0xff;
    }

    boolean isPlaced(int number) {
        return placed.get(number);
    }

    /** What the clients of one would have; good until the next one is asked for. */
    Wish wish(int number) {
        return shown.at(number * size);
    }
}
