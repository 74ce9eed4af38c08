package com.kingcdn.redirector.routing;

import java.util.Arrays;

/**
 * All clients that have the same clusters in the same order for the same reason.
 *
 * <p>Values with array content: equality is by content.
 *
 * @param ranking indexes of clusters, the best first: those covering the client, the longest prefix first, then the rest
 * @param covering how many of them are there because a coverage prefix of theirs holds the client
 * @param location what is known of these clients' place
 * @param measured whether the order of the others was made from measurements, else from the place
 * @param shared whether the first of the others leads although another one is cheaper, for the sake of one answer for neighbours
 * @param uncovered the first of the order that these clients would have without any coverage, which may be one of those covering; -1 for none
 */
@SuppressWarnings("ArrayRecordComponent")
record MapUnit(int[] ranking, int covering, LocationSource location, boolean measured, boolean shared, int uncovered) {

    /** One whom no coverage holds, with an order that was made from the place. */
    MapUnit(int[] ranking, LocationSource location) {
        this(ranking, location, false, false);
    }

    /** One whom no coverage holds. */
    MapUnit(int[] ranking, LocationSource location, boolean measured, boolean shared) {
        this(ranking, 0, location, measured, shared, ranking.length == 0 ? -1 : ranking[0]);
    }

    /** The same clients with one more cluster in front, whose coverage holds them. */
    MapUnit coveredBy(int cluster) {
        boolean covered = Arrays.stream(ranking, 0, covering).anyMatch(index -> index == cluster);
        return new MapUnit(led(cluster), covered ? covering : covering + 1, location, measured, shared, uncovered);
    }

    /** The same clients, of whom nothing is measured, with another order where coverage does not send them. */
    MapUnit with(int[] order, LocationSource source) {
        MapUnit result = new MapUnit(order, 0, source, false, false, uncovered);
        for (int i = covering - 1; i >= 0; i--) {
            result = result.coveredBy(ranking[i]);
        }
        return result;
    }

    /** The same clients, whom no coverage holds, with another cluster in front for the sake of their neighbours. */
    MapUnit sharing(int cluster) {
        return new MapUnit(led(cluster), location, measured, true);
    }

    private int[] led(int cluster) {
        int[] rest = Arrays.stream(ranking).filter(index -> index != cluster).toArray();
        int[] result = new int[rest.length + 1];
        result[0] = cluster;
        System.arraycopy(rest, 0, result, 1, rest.length);
        return result;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MapUnit that
                && covering == that.covering
                && location == that.location
                && measured == that.measured
                && shared == that.shared
                && uncovered == that.uncovered
                && Arrays.equals(ranking, that.ranking);
    }

    @Override
    public int hashCode() {
        return (((Arrays.hashCode(ranking) * 31 + covering) * 31 + location.hashCode()) * 31 + uncovered) * 31
                + (measured ? 2 : 0)
                + (shared ? 1 : 0);
    }

    @Override
    public String toString() {
        return "MapUnit" + Arrays.toString(ranking) + " covering=" + covering + " location=" + location
                + (measured ? " measured" : "")
                + (shared ? " shared" : "");
    }
}
