package com.kingcdn.redirector.routing;

import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The measured prefixes by number, and what the clients of each would have.
 *
 * <p>A hundred thousand objects of each kind that live as long as a compilation would be copied by the garbage collector while no query is answered;
 * so numbers lie in few arrays, which it moves as a whole, or not at all.
 */
final class MeasuredPrefixes {

    /** So many in an array: large enough to be few, and no more of it unused than that. */
    private static final int PART = 4096;

    private final int[] clusters;
    private final int size;
    private final Wish.Tolerance tolerance;
    private final List<int[]> best = new ArrayList<>();
    private final List<float[]> costs = new ArrayList<>();
    private final BitSet placed = new BitSet();
    private @Nullable IpPrefix[] prefixes = new @Nullable IpPrefix[PART];
    private int count;

    /** @param clusters indexes of those that serve everybody; at least one */
    MeasuredPrefixes(int[] clusters, Wish.Tolerance tolerance) {
        this.clusters = clusters;
        this.size = Math.min(Wish.KNOWN, clusters.length);
        this.tolerance = tolerance;
    }

    /**
     * The next one.
     *
     * @param all what each cluster costs it, in milliseconds
     * @param isPlaced whether its place is known
     */
    void add(IpPrefix prefix, float[] all, boolean isPlaced) {
        if (count % PART == 0) {
            best.add(new int[PART * size]);
            costs.add(new float[PART * size]);
            if (count == prefixes.length) {
                prefixes = Arrays.copyOf(prefixes, 2 * count);
            }
        }
        Wish.choose(clusters, all, best.get(count / PART), costs.get(count / PART), count % PART * size, size);
        prefixes[count] = prefix;
        placed.set(count, isPlaced);
        count++;
    }

    /** How many there are. */
    int count() {
        return count;
    }

    IpPrefix prefix(int number) {
        return Objects.requireNonNull(prefixes[number]);
    }

    boolean isPlaced(int number) {
        return placed.get(number);
    }

    Wish wish(int number) {
        return new Wish(best.get(number / PART), costs.get(number / PART), number % PART * size, size, tolerance);
    }
}
