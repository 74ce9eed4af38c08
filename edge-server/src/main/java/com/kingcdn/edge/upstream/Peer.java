package com.kingcdn.edge.upstream;

/**
 * The edge that a request comes from, as its {@link PeerSeal seal} has proven.
 *
 * @param node its identifier
 * @param relation what it asks this edge as: its sibling, or its parent
 * @param sequence the last event of the numbered log that it, or an edge before it, has applied: nothing may be answered that a purge up
 *     to this one has named
 * @param scheme of the client's request, {@code http} or {@code https}
 */
public record Peer(String node, Tier relation, long sequence, String scheme) {}
