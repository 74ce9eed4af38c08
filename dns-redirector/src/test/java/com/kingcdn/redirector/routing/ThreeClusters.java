package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterKind;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Clusters of two nodes each, for tests of who gets which. */
final class ThreeClusters {

    static final Cluster NYC = cluster("nyc", 40.7, -74.0);
    static final Cluster FRA = cluster("fra", 50.1, 8.7);
    static final Cluster SIN = cluster("sin", 1.35, 103.8);
    static final Set<String> ALL_UP = Set.of("nyc-1", "nyc-2", "fra-1", "fra-2", "sin-1", "sin-2", "isp-1", "isp-2");

    private ThreeClusters() {}

    static Cluster cluster(String id, double latitude, double longitude) {
        return new Cluster(id, new GeoPoint(latitude, longitude), null, null, null, null, false, nodes(id));
    }

    static Cluster covering(String id, double latitude, double longitude, String... prefixes) {
        return new Cluster(
                id,
                new GeoPoint(latitude, longitude),
                ClusterKind.ENTER_DEEP,
                null,
                Stream.of(prefixes).map(IpPrefix::parse).toList(),
                null,
                false,
                nodes(id));
    }

    static List<EdgeNode> nodes(String cluster) {
        return List.of(
                new EdgeNode(cluster + "-1", "127.0.0.1", null, 0, 0),
                new EdgeNode(cluster + "-2", "127.0.0.2", null, 0, 0));
    }
}
