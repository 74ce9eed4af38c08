package com.kingcdn.redirector.routing;

import org.jspecify.annotations.Nullable;

/** One client's place in the map, looked up once and asked for the cluster of whatever a query turns out to be about. */
public final class ClientRoute {

    private final TrafficDirector director;
    private final long leaf;
    private final boolean isIpv4;
    private final long high;

    ClientRoute(TrafficDirector director, long leaf, boolean isIpv4, long high) {
        this.director = director;
        this.leaf = leaf;
        this.isIpv4 = isIpv4;
        this.high = high;
    }

    /**
     * The cluster for this client, or null when there is no cluster at all.
     *
     * @param placement of the distribution, see {@link TrafficDirector#placement}
     */
    public @Nullable ClusterChoice choice(int placement) {
        return director.choice(leaf, isIpv4, high, placement);
    }

    /** How many leading bits of the client's address a choice holds for, see {@link TrafficDirector#scope}. */
    public int scope(ClusterChoice choice) {
        return TrafficDirector.scope(leaf, isIpv4, choice);
    }

    /** How many leading bits all addresses share that have this place in the map. */
    int width() {
        return PrefixTable.width(leaf);
    }

    MapUnit unit() {
        return director.unit(leaf);
    }
}
