package com.kingcdn.edge.upstream;

import com.kingcdn.topology.OriginEndpoint;

/**
 * One server that a request may go to next.
 *
 * @param name what its share of the keys hangs on, the same on every node
 * @param weight relative share of the keys, at least 1
 * @param self whether it is this very node: it owns the key, and asks nobody of its own tier
 */
record Hop(Tier tier, OriginEndpoint endpoint, String name, int weight, boolean self) {

    static Hop origin(OriginEndpoint endpoint) {
        return new Hop(Tier.ORIGIN, endpoint, endpoint.url().toString(), endpoint.weight(), false);
    }
}
