package com.kingcdn.topology;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One edge server process of a cluster.
 *
 * @param id unique in the whole CDN
 * @param ipv4 the address clients get in A records, or null
 * @param ipv6 the address clients get in AAAA records, or null; at least one of the two is there
 * @param port of the content listener, 1 to 65535; 8080 when left out
 * @param weight relative share of names this node owns in its cluster, at least 1; 1 when left out
 * @param peer {@code HOST:PORT} at which other edges reach it, where clients' addresses lead elsewhere; null for those
 */
public record EdgeNode(
        String id, @Nullable String ipv4, @Nullable String ipv6, int port, int weight, @Nullable String peer) {

    private static final Pattern PEER = Pattern.compile("([A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]+]):[1-9][0-9]{0,4}");

    /** From JSON, in which 0 is not the same as nothing: who writes a weight of 0 means none, and would get 1. */
    @JsonCreator
    static EdgeNode of(
            @JsonProperty("id") String id,
            @JsonProperty("ipv4") @Nullable String ipv4,
            @JsonProperty("ipv6") @Nullable String ipv6,
            @JsonProperty("port") @Nullable Integer port,
            @JsonProperty("weight") @Nullable Integer weight,
            @JsonProperty("peer") @Nullable String peer) {
        EdgeNode node = new EdgeNode(id, ipv4, ipv6, port == null ? 0 : port, weight == null ? 0 : weight, peer);
        if (port != null && port == 0) {
            throw new IllegalArgumentException("port 0 of node '" + id + "' is not between 1 and 65535");
        }
        if (weight != null && weight == 0) {
            throw new IllegalArgumentException("weight 0 of node '" + id + "' is not between 1 and 1000000");
        }
        return node;
    }

    /** A node that edges reach as clients do. */
    public EdgeNode(String id, @Nullable String ipv4, @Nullable String ipv6, int port, int weight) {
        this(id, ipv4, ipv6, port, weight, null);
    }

    /** Fills in what was left out, and validates. */
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
        if (peer != null && !PEER.matcher(peer).matches()) {
            throw new IllegalArgumentException("peer of node '" + id + "' must be HOST:PORT, not '" + peer + "'");
        }
    }

    /** {@code HOST:PORT} at which other edges reach it. */
    public String peerAuthority() {
        return peer != null ? peer : (ipv4 != null ? ipv4 : "[" + ipv6 + "]") + ":" + port;
    }
}
