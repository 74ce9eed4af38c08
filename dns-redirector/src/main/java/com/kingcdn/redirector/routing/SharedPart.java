package com.kingcdn.redirector.routing;

/**
 * A part of the address space while it is decided who shares an answer: for each cluster that all in it allow what it would cost.
 *
 * <p>There are millions in a compilation and a few at a time, so they are used again and again.
 */
final class SharedPart {

    private final int[] clusters = new int[Wish.KNOWN];
    private final double[] costs = new double[Wish.KNOWN];
    private int count;
    /** The measured part of its demand. */
    private double asking;
    /** What the best way costs. */
    private double best;

    /** Becomes that of a wish and the cluster until now, for a demand of 1. */
    void set(Wish wish, int before) {
        boolean stays = before >= 0 && wish.allows(before, true);
        count = 0;
        for (int i = 0; i < wish.size(); i++) {
            int cluster = wish.cluster(i);
            if (wish.allows(cluster, stays && cluster == before)) {
                boolean free = before < 0 || cluster == before;
                put(cluster, wish.loss(cluster) + (free ? 0 : wish.reluctance()));
            }
        }
    }

    /** In the order of clusters, so that two parts are compared in one walk. */
    private void put(int cluster, double cost) {
        int at = count++;
        for (; at > 0 && clusters[at - 1] > cluster; at--) {
            clusters[at] = clusters[at - 1];
            costs[at] = costs[at - 1];
        }
        clusters[at] = cluster;
        costs[at] = cost;
    }

    /** Gives what was made for a demand of 1 another demand. */
    void weigh(double demand, boolean isMeasured, double price) {
        for (int i = 0; i < count; i++) {
            costs[i] *= demand;
        }
        asking = isMeasured ? demand : 0;
        best = shared(price);
    }

    /** Becomes this part and the one after it. */
    void join(SharedPart second) {
        int both = 0;
        int j = 0;
        for (int i = 0; i < count; i++) {
            while (j < second.count && second.clusters[j] < clusters[i]) {
                j++;
            }
            if (j < second.count && second.clusters[j] == clusters[i]) {
                clusters[both] = clusters[i];
                costs[both++] = costs[i] + second.costs[j];
            }
        }
        count = both;
        asking += second.asking;
        best += second.best;
    }

    /** Whether one answer for all is the best way; if it is, it counts as that from now on. */
    boolean isShared(double price) {
        double shared = shared(price);
        if (shared > best * (1 + SharedAnswers.ROUNDING)) {
            return false;
        }
        best = shared;
        return true;
    }

    private double shared(double price) {
        return count == 0 ? Double.POSITIVE_INFINITY : price * Math.min(1, asking) + costs[at()];
    }

    /** The cluster that costs least, the first of several; only when there is one. */
    int cheapest() {
        return clusters[at()];
    }

    private int at() {
        int at = 0;
        for (int i = 1; i < count; i++) {
            at = costs[i] < costs[at] ? i : at;
        }
        return at;
    }
}
