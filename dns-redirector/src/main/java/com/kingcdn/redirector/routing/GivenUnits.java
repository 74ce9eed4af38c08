package com.kingcdn.redirector.routing;

import java.util.Arrays;

/**
 * Numbers of units by leaf and first cluster. Most leaves have one first cluster, which lies with its unit at the leaf's place; further ones
 * are in a hash table of two arrays (open addressing), since there may be as many as there are places times clusters.
 */
final class GivenUnits {

    private static final int NONE = -1;

    private final int[] clusters;
    private final int[] units;
    /** A power of two, more than half of them empty. */
    private long[] keys = new long[64];

    private int[] further = new int[64];
    private int count;

    /** @param leaves one more than the greatest of their numbers */
    GivenUnits(int leaves) {
        clusters = new int[leaves];
        units = new int[leaves];
        Arrays.fill(clusters, NONE);
        Arrays.fill(keys, NONE);
    }

    /** The unit, or one below zero. */
    int find(int leaf, int cluster) {
        if (clusters[leaf] == cluster) {
            return units[leaf];
        }
        int at = place(key(leaf, cluster));
        return keys[at] == NONE ? NONE : further[at];
    }

    void put(int leaf, int cluster, int unit) {
        if (clusters[leaf] == NONE) {
            clusters[leaf] = cluster;
            units[leaf] = unit;
            return;
        }
        if (2 * ++count > keys.length) {
            grow();
        }
        long key = key(leaf, cluster);
        int at = place(key);
        keys[at] = key;
        further[at] = unit;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] old = further;
        keys = new long[2 * oldKeys.length];
        further = new int[keys.length];
        Arrays.fill(keys, NONE);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != NONE) {
                int at = place(oldKeys[i]);
                keys[at] = oldKeys[i];
                further[at] = old[i];
            }
        }
    }

    /** Where a key is, or would be. */
    private int place(long key) {
        // the highest bits alone depend on all of the key
        int at = (int) ((key * 0x9e37_79b9_7f4a_7c15L) >>> Long.numberOfLeadingZeros(keys.length - 1));
        while (keys[at] != NONE && keys[at] != key) {
            at = (at + 1) & (keys.length - 1);
        }
        return at;
    }

    private static long key(int leaf, int cluster) {
        return (long) leaf << 32 | cluster;
    }
}
