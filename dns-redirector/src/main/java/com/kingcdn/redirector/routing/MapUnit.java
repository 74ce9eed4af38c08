package com.kingcdn.redirector.routing;

/**
 * All clients that have the same clusters in the same order for the same reason.
 *
 * @param ranking clusters, the best first: those covering the client, the longest prefix first, then the rest
 * @param covering how many of them are there because a coverage prefix of theirs holds the client
 * @param location what is known of these clients' place
 * @param measured whether the order of the others was made from measurements, else from the place
 * @param shared whether the first of the others leads although another one is cheaper, for the sake of one answer for neighbours
 * @param uncovered the first of the order that these clients would have without any coverage, which may be one of those covering; -1 for none
 */
record MapUnit(
        Ranking ranking, int covering, LocationSource location, boolean measured, boolean shared, int uncovered) {

    /** One whom no coverage holds, with an order that was made from the place. */
    MapUnit(Ranking ranking, LocationSource location) {
        this(ranking, location, false, false);
    }

    /** One whom no coverage holds. */
    MapUnit(Ranking ranking, LocationSource location, boolean measured, boolean shared) {
        this(ranking, 0, location, measured, shared, ranking.first());
    }

    /** The same clients with one more cluster in front, whose coverage holds them. */
    MapUnit coveredBy(int cluster) {
        boolean covered = false;
        for (int rank = 0; rank < covering; rank++) {
            covered |= ranking.get(rank) == cluster;
        }
        return new MapUnit(
                ranking.ledBy(cluster), covered ? covering : covering + 1, location, measured, shared, uncovered);
    }

    /** The same clients, of whom nothing is measured, with another order where coverage does not send them. */
    MapUnit with(Ranking order, LocationSource source) {
        MapUnit result = new MapUnit(order, 0, source, false, false, uncovered);
        for (int i = covering - 1; i >= 0; i--) {
            result = result.coveredBy(ranking.get(i));
        }
        return result;
    }

    /** The same clients, whom no coverage holds, with another cluster in front for the sake of their neighbours. */
    MapUnit sharing(int cluster) {
        return new MapUnit(ranking.ledBy(cluster), location, measured, true);
    }
}
