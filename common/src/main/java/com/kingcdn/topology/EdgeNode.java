package com.kingcdn.topology;

import org.jspecify.annotations.Nullable;

/**
 * One edge server process of a cluster.
 *
 * @param id unique in the whole CDN
 * @param ipv4 the address clients get in A records, or null
 * @param ipv6 the address clients get in AAAA records, or null; at least one of the two is there
 * @param port of the content listener, 1 to 65535; 8080 when left out
 * @param weight relative share of names this node owns in its cluster, at least 1; 1 when left out
 */
public record EdgeNode(String id, @Nullable String ipv4, @Nullable String ipv6, int port, int weight) {

    public EdgeNode {
        Identifiers.label("node id", id);
        if (ipv4 == null && ipv6 == null) {
            throw new IllegalArgumentException("node '" + id + "' needs an ipv4 or an ipv6 address");
        }
        if (ipv4 != null && IpPrefix.literal(ipv4).length != 4) {
            throw new IllegalArgumentException("ipv4 of node '" + id + "' is not an IPv4 address: " + ipv4);
        }
        if (ipv6 != null && IpPrefix.literal(ipv6).length != 16) {
            throw new IllegalArgumentException("ipv6 of node '" + id + "' is not an IPv6 address: " + ipv6);
        }
        port = port == 0 ? 8080 : port;
        weight = weight == 0 ? 1 : weight;
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " of node '" + id + "' is not between 1 and 65535");
        }
        if (weight < 1 || weight > 1_000_000) {
            throw new IllegalArgumentException(
                    "weight " + weight + " of node '" + id + "' is not between 1 and 1000000");
        }
    }
}
