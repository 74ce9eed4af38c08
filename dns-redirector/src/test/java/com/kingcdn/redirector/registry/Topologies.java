package com.kingcdn.redirector.registry;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.OriginEndpoint;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/** Clusters and distributions for tests. */
public final class Topologies {

    private Topologies() {}

    /** A cluster with nodes {@code ID-1} and so on. */
    public static Cluster cluster(String id, int nodes) {
        return new Cluster(
                id,
                new GeoPoint(50, 8),
                null,
                null,
                null,
                null,
                false,
                Stream.iterate(1, n -> n + 1)
                        .limit(nodes)
                        .map(n -> new EdgeNode(id + "-" + n, "192.0.2." + n, null, 0, 0))
                        .toList());
    }

    public static Distribution distribution(String id, String... hosts) {
        return new Distribution(
                id, List.of(hosts), List.of(new OriginEndpoint(URI.create("http://127.0.0.1:8600"))), null);
    }
}
