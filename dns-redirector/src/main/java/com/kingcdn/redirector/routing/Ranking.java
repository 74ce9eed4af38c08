package com.kingcdn.redirector.routing;

import java.util.Arrays;

/**
 * An order of clusters: some of its own, then those of a longer order that many share. So a hundred thousand orders of hundreds of
 * clusters take little more than their beginnings. Immutable; equality is by content.
 *
 * <p>The arrays hold indexes of clusters and are not copied.
 */
final class Ranking {

    /** The first few tell orders from each other. */
    static final int HASHED = 4;

    private final int[] head;
    private final int[] rest;
    /** Where those of the head stand in the rest, ascending: there they are left out. */
    private final int[] skipped;

    /** The first of all, so that most queries look at nothing else; -1 in an empty order. */
    private final int first;

    /**
     * @param head the first clusters
     * @param rest the others in their order, in which those of the head may stand too
     */
    Ranking(int[] head, int[] rest) {
        this.head = head;
        this.rest = rest;
        int[] found = new int[head.length];
        int count = 0;
        for (int at = 0; at < rest.length && count < head.length; at++) {
            if (isIn(head, rest[at])) {
                found[count++] = at;
            }
        }
        skipped = count == found.length ? found : Arrays.copyOf(found, count);
        first = size() == 0 ? -1 : head.length > 0 ? head[0] : rest[0];
    }

    private static boolean isIn(int[] clusters, int cluster) {
        for (int each : clusters) {
            if (each == cluster) {
                return true;
            }
        }
        return false;
    }

    int size() {
        return head.length + rest.length - skipped.length;
    }

    /** The first cluster, or -1 when there is none. */
    int first() {
        return first;
    }

    /** The cluster of a rank, from 0. */
    int get(int rank) {
        if (rank < head.length) {
            return rank == 0 ? first : head[rank];
        }
        int at = rank - head.length;
        for (int skip : skipped) {
            if (at < skip) {
                break;
            }
            at++;
        }
        return rest[at];
    }

    /** The first ones; not to be changed. */
    int[] head() {
        return head;
    }

    /** The others, in which those of the head may stand too; not to be changed. */
    int[] rest() {
        return rest;
    }

    /** Where those of the head stand in the rest, ascending; not to be changed. */
    int[] skipped() {
        return skipped;
    }

    /** The same with another cluster before all, which leaves the place that it had. */
    Ranking ledBy(int cluster) {
        int[] led = new int[head.length + 1];
        led[0] = cluster;
        int count = 1;
        for (int each : head) {
            if (each != cluster) {
                led[count++] = each;
            }
        }
        return new Ranking(Arrays.copyOf(led, count), rest);
    }

    /** The whole order in an array of its own. */
    int[] toArray() {
        int[] order = new int[size()];
        for (int rank = 0; rank < order.length; rank++) {
            order[rank] = get(rank);
        }
        return order;
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Ranking that) || size() != that.size()) {
            return false;
        }
        boolean sameParts = Arrays.equals(head, that.head) && Arrays.equals(rest, that.rest);
        return sameParts || isSameOrder(that);
    }

    /** Without copies, since hash tables ask this of orders that are different, and these differ within the first few clusters. */
    private boolean isSameOrder(Ranking that) {
        for (int rank = 0; rank < size(); rank++) {
            if (get(rank) != that.get(rank)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        // of the order alone, since equal ones may be divided at different places
        int hash = size();
        for (int rank = 0; rank < Math.min(HASHED, size()); rank++) {
            hash = 31 * hash + get(rank);
        }
        return hash;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
