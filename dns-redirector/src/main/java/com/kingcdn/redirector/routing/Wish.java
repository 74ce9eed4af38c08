package com.kingcdn.redirector.routing;

/**
 * What the clients of a part of the address space would have: the cheapest clusters, and how much dearer the one may be that they get for
 * the sake of an answer that holds for their neighbours, too.
 */
final class Wish {

    /**
     * How much dearer than the cheapest a cluster may be: so many milliseconds, or such a share if that is more. It takes less to stay where
     * one is than to come.
     */
    record Tolerance(double comeMillis, double comeShare, double stayMillis, double stayShare) {

        /** Of costs that were measured. */
        static final Tolerance MEASURED = new Tolerance(8, 0.2, 12, 0.3);

        /** Of costs that were guessed from a distance, which no guess hits more closely than by a third. */
        static final Tolerance GUESSED = new Tolerance(15, 0.3, 20, 0.4);

        /** Nothing but the cheapest. */
        static final Tolerance NONE = new Tolerance(0, 0, 0, 0);
    }

    /** So many of the cheapest clusters are known at most; one that is not among them is too dear. */
    static final int KNOWN = 8;

    private final int[] clusters;
    private final float[] costs;
    private final int size;
    private final Tolerance tolerance;
    /** Where it begins in the arrays. */
    private int from;

    /**
     * A part of arrays that may hold others', and must not change.
     *
     * @param clusters indexes, the cheapest first
     * @param costs of each, in milliseconds
     * @param from where those of this one begin
     * @param size how many there are, at least one
     */
    Wish(int[] clusters, float[] costs, int from, int size, Tolerance tolerance) {
        this.clusters = clusters;
        this.costs = costs;
        this.from = from;
        this.size = size;
        this.tolerance = tolerance;
    }

    /** @param all costs of each cluster, in milliseconds */
    static Wish of(int[] clusters, float[] all, Tolerance tolerance) {
        int size = Math.min(KNOWN, all.length);
        int[] best = new int[size];
        float[] least = new float[size];
        choose(clusters, all, best, least, 0, size);
        return new Wish(best, least, 0, size, tolerance);
    }

    /** Puts the cheapest of all into a part of two arrays, the cheapest first. */
    static void choose(int[] clusters, float[] all, int[] best, float[] least, int from, int size) {
        int end = from;
        int most = from + size;
        for (int i = 0; i < all.length; i++) {
            float cost = all[i];
            if (end == most && cost >= least[end - 1]) {
                continue;
            }
            int at = end < most ? end++ : end - 1;
            for (; at > from && least[at - 1] > cost; at--) {
                least[at] = least[at - 1];
                best[at] = best[at - 1];
            }
            least[at] = cost;
            best[at] = clusters[i];
        }
    }

    /** The same object, from now on for what begins there in its arrays. */
    Wish at(int begin) {
        from = begin;
        return this;
    }

    /** How many clusters are known. */
    int size() {
        return size;
    }

    /** The index of one of them, the cheapest first. */
    int cluster(int rank) {
        return clusters[from + rank];
    }

    double best() {
        return costs[from];
    }

    /** What a cluster costs more than the cheapest; infinity for one that is not known. */
    double loss(int cluster) {
        for (int i = from; i < from + size; i++) {
            if (clusters[i] == cluster) {
                return (double) costs[i] - costs[from];
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    /**
     * Whether a cluster will do.
     *
     * @param here whether these clients have it now
     */
    boolean allows(int cluster, boolean here) {
        double most = here
                ? Math.max(tolerance.stayMillis(), tolerance.stayShare() * best())
                : Math.max(tolerance.comeMillis(), tolerance.comeShare() * best());
        return loss(cluster) <= most;
    }

    /** What a move weighs, whereto it may be: what it would have to gain if these clients were alone. */
    double reluctance() {
        return PathCost.leastGain(best());
    }

    /** The first clusters of these clients' order, of which one is given. */
    int[] head(int first) {
        int[] head = new int[Math.min(ClusterRanker.EXACT, size + (loss(first) < Double.POSITIVE_INFINITY ? 0 : 1))];
        head[0] = first;
        int end = 1;
        for (int i = 0; i < size && end < head.length; i++) {
            if (cluster(i) != first) {
                head[end++] = cluster(i);
            }
        }
        return head;
    }

    /**
     * Whether an order that begins with the same cluster as a head of these clients' does as well when that one is down.
     *
     * @param second of the order; -1 when there is none
     */
    boolean isAsGood(int second, int[] head) {
        if (head.length < 2 || second < 0) {
            return true;
        }
        double cost = best() + loss(second);
        return cost < Double.POSITIVE_INFINITY && cost - best() - loss(head[1]) <= PathCost.leastGain(cost);
    }
}
