package com.kingcdn.redirector.routing;

/**
 * What the clients of a part of the address space would have: the cheapest clusters, and how much dearer the one may be that they get for
 * the sake of an answer that holds for their neighbours, too.
 *
 * @param clusters indexes, the cheapest first; not empty
 * @param costs of each, in milliseconds
 */
@SuppressWarnings("ArrayRecordComponent")
record Wish(int[] clusters, float[] costs, Tolerance tolerance) {

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

    /** So many of the cheapest clusters are known; one that is not among them is too dear. */
    private static final int KNOWN = 8;

    /** @param all costs of each cluster, in milliseconds */
    static Wish of(int[] clusters, float[] all, Tolerance tolerance) {
        int[] best = new int[Math.min(KNOWN, all.length)];
        float[] least = new float[best.length];
        int known = 0;
        for (int i = 0; i < all.length; i++) {
            float cost = all[i];
            if (known == best.length && cost >= least[known - 1]) {
                continue;
            }
            int at = known < best.length ? known++ : known - 1;
            for (; at > 0 && least[at - 1] > cost; at--) {
                least[at] = least[at - 1];
                best[at] = best[at - 1];
            }
            least[at] = cost;
            best[at] = clusters[i];
        }
        return new Wish(best, least, tolerance);
    }

    double best() {
        return costs[0];
    }

    /** What a cluster costs more than the cheapest; infinity for one that is not known. */
    double loss(int cluster) {
        for (int i = 0; i < clusters.length; i++) {
            if (clusters[i] == cluster) {
                return (double) costs[i] - costs[0];
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
}
