package com.kingcdn.redirector.routing;

import com.kingcdn.topology.IpPrefix;
import java.util.Arrays;

/**
 * The measured parts of the address space, numbered from where the leaves of the place layer end: for each its measured prefix, and the
 * leaf that there would be without that.
 */
final class MeasuredLeaves {

    /** There are none. */
    static final MeasuredLeaves NONE =
            new MeasuredLeaves(Integer.MAX_VALUE, new MeasuredPrefixes(new int[0], Wish.Tolerance.NONE));

    private final int first;
    private final MeasuredPrefixes prefixes;
    private int[] measured = new int[64];
    private int[] around = new int[64];
    private int count;

    /** @param first the number of the first one */
    MeasuredLeaves(int first, MeasuredPrefixes prefixes) {
        this.first = first;
        this.prefixes = prefixes;
    }

    /**
     * One more.
     *
     * @param prefix number of the measured prefix
     * @param without the leaf that there would be
     * @return its number
     */
    int add(int prefix, int without) {
        if (count == measured.length) {
            measured = Arrays.copyOf(measured, 2 * count);
            around = Arrays.copyOf(around, 2 * count);
        }
        measured[count] = prefix;
        around[count] = without;
        return first + count++;
    }

    /** Whether the number is of one of these. */
    boolean has(int leaf) {
        return leaf >= first;
    }

    /** The number after the last. */
    int end() {
        return first + count;
    }

    int around(int leaf) {
        return around[leaf - first];
    }

    IpPrefix prefix(int leaf) {
        return prefixes.prefix(measured[leaf - first]);
    }

    boolean isPlaced(int leaf) {
        return prefixes.isPlaced(measured[leaf - first]);
    }

    Wish wish(int leaf) {
        return prefixes.wish(measured[leaf - first]);
    }
}
