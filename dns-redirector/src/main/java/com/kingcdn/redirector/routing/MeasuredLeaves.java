package com.kingcdn.redirector.routing;

import java.util.Arrays;

/**
 * The measured parts of the address space, numbered from where the leaves of the place layer end: for each its measured prefix, and the
 * leaf that there would be without that.
 */
final class MeasuredLeaves {

    private final int first;
    private final MeasuredPrefixes prefixes;
    private int[] measured;
    private int[] around;
    private int count;
    /** By the leaf that there would be without it: one more than the index of the last one that was made there, or 0. */
    private int[] latest;

    /**
     * None yet.
     *
     * @param first the number of the first one
     * @param expected about how many there will be
     */
    MeasuredLeaves(int first, MeasuredPrefixes prefixes, int expected) {
        this.first = first;
        this.prefixes = prefixes;
        int room = expected + expected / 16 + 64;
        measured = new int[room];
        around = new int[room];
        latest = new int[first + room];
    }

    /**
     * The number of one, which is made if there is none yet.
     *
     * @param prefix number of the measured prefix; all of one are asked for together
     * @param without the leaf that there would be
     */
    int number(int prefix, int without) {
        if (without >= latest.length) {
            latest = Arrays.copyOf(latest, Math.max(2 * latest.length, without + 1));
        }
        int known = latest[without] - 1;
        if (known < 0 || measured[known] != prefix) {
            known = add(prefix, without);
            latest[without] = known + 1;
        }
        return first + known;
    }

    private int add(int prefix, int without) {
        if (count == measured.length) {
            measured = Arrays.copyOf(measured, 2 * count);
            around = Arrays.copyOf(around, 2 * count);
        }
        measured[count] = prefix;
        around[count] = without;
        return count++;
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

    /** How many bits the measured prefix has. */
    int length(int leaf) {
        return prefixes.length(measured[leaf - first]);
    }

    boolean isPlaced(int leaf) {
        return prefixes.isPlaced(measured[leaf - first]);
    }

    /** What its clients would have; good until the next one is asked for. */
    Wish wish(int leaf) {
        return prefixes.wish(measured[leaf - first]);
    }
}
