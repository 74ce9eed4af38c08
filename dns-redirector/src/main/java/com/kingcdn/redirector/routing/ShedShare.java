package com.kingcdn.redirector.routing;

/**
 * How much of what would come to a cluster goes to the next one, since the cluster is full.
 *
 * <p>Clients of other full clusters, its guests, go before any of its own do.
 *
 * @param guests share of its guests, 0 to 1
 * @param own share of the clients whose first usable cluster it is, or whose prefix it covers, 0 to 1
 */
public record ShedShare(double guests, double own) {

    /** Everybody stays. */
    public static final ShedShare NONE = new ShedShare(0, 0);

    public ShedShare {
        if (!(guests >= 0 && guests <= 1 && own >= 0 && own <= 1)) {
            throw new IllegalArgumentException("shares are 0 to 1, not " + guests + " and " + own);
        }
    }

    /** The greater of each. */
    ShedShare max(ShedShare other) {
        return new ShedShare(Math.max(guests, other.guests), Math.max(own, other.own));
    }
}
