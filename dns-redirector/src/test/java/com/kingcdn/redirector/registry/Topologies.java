package com.kingcdn.redirector.registry;

import com.kingcdn.topology.AnswerSettings;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.GeoPoint;
import com.kingcdn.topology.OriginEndpoint;
import com.kingcdn.topology.Placement;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Clusters and distributions for tests. */
public final class Topologies {

    private static final List<OriginEndpoint> ORIGINS =
            List.of(new OriginEndpoint(URI.create("http://127.0.0.1:8600")));

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

    /** One that all clusters have, without rules of its own. */
    public static Distribution distribution(String id, String... hosts) {
        return new Distribution(id, List.of(hosts), ORIGINS, null);
    }

    /** One that only some clusters have, or within a limit. */
    public static Distribution distribution(String id, Placement placement) {
        return distribution(id, List.of(), placement, null);
    }

    /** One that is answered for in a way of its own. */
    public static Distribution distribution(String id, AnswerSettings answers, String... hosts) {
        return distribution(id, List.of(hosts), null, answers);
    }

    /** One that shares another's answers. */
    public static Distribution sharing(String id, String with, @Nullable Placement placement) {
        return distribution(id, List.of(), placement, new AnswerSettings(0, null, with));
    }

    private static Distribution distribution(
            String id, List<String> hosts, @Nullable Placement placement, @Nullable AnswerSettings answers) {
        return new Distribution(id, hosts, ORIGINS, null, null, null, null, null, null, null, null, placement, answers);
    }
}
