package com.kingcdn.redirector.routing;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Numbers of units by leaf and first cluster. Most leaves have one first cluster: these lie in arrays, and only further ones are objects. */
final class GivenUnits {

    private static final int NONE = -1;

    private final int[] clusters;
    private final int[] units;
    private final Map<Long, Integer> further = new HashMap<>();

    /** @param leaves one more than the greatest of their numbers */
    GivenUnits(int leaves) {
        clusters = new int[leaves];
        units = new int[leaves];
        Arrays.fill(clusters, NONE);
    }

    /** The unit, or one below zero. */
    int find(int leaf, int cluster) {
        return clusters[leaf] == cluster ? units[leaf] : further.getOrDefault(key(leaf, cluster), NONE);
    }

    void put(int leaf, int cluster, int unit) {
        if (clusters[leaf] == NONE) {
            clusters[leaf] = cluster;
            units[leaf] = unit;
        } else {
            further.put(key(leaf, cluster), unit);
        }
    }

    private static long key(int leaf, int cluster) {
        return (long) leaf << 32 | cluster;
    }
}
