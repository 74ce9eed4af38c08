package com.kingcdn.redirector.routing;

import org.jspecify.annotations.Nullable;

/** One client's place in the map, looked up once for a query and asked for the cluster of whatever that turns out to be about. */
public final class ClientRoute {

    private final TrafficDirector director;
    private final MapUnit unit;
    private final long leaf;
    private final boolean isIpv4;
    private final long high;

    ClientRoute(TrafficDirector director, MapUnit unit, long leaf, boolean isIpv4, long high) {
        this.director = director;
        this.unit = unit;
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
        return director.chooser(placement).choose(unit, isIpv4, high);
    }

    /**
     * How many leading bits of the client's address a choice holds for: the widest prefix with the same answer. Never 0, since with 0 a
     * resolver would go on giving everyone the first client's answer after the map has changed (RFC 7871 section 7.3.1).
     */
    public int scope(ClusterChoice choice) {
        int width = choice.index() == unit.ranking()[0] ? PrefixTable.scope(leaf) : PrefixTable.width(leaf);
        return Math.max(choice.split() ? ClientBlock.width(isIpv4) : 1, width);
    }

    /** How many leading bits all addresses share that have this place in the map. */
    int width() {
        return PrefixTable.width(leaf);
    }

    MapUnit unit() {
        return unit;
    }
}
