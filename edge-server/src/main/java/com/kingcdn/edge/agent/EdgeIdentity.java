package com.kingcdn.edge.agent;

/**
 * Who this edge is, as the configuration of the redirectors names it.
 *
 * @param node the edge node's id, such as {@code nyc-1}
 * @param cluster its cluster's id, such as {@code nyc}
 */
public record EdgeIdentity(String node, String cluster) {

    public EdgeIdentity {
        if (node.isEmpty() || cluster.isEmpty()) {
            throw new IllegalArgumentException("an edge needs a node id and a cluster id");
        }
    }
}
