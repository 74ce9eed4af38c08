package com.kingcdn.redirector.routing;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.HealthMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All clusters as health sees them now, in the configuration's order, and when each was usable last. Immutable. */
final class ServingClusters {

    private final List<ServingCluster> clusters;
    /** By cluster, the last generation in which it was usable; 0 for never. */
    private final long[] lastUsable;

    private final long generation;

    private ServingClusters(List<ServingCluster> clusters, long[] lastUsable, long generation) {
        this.clusters = List.copyOf(clusters);
        this.lastUsable = lastUsable;
        this.generation = generation;
    }

    /** @param previous those before, from which it is known who was up last; objects that need not change are kept */
    static ServingClusters of(List<Cluster> clusters, Set<String> upNodes, @Nullable ServingClusters previous) {
        Map<String, Integer> before = new HashMap<>();
        if (previous != null) {
            for (int i = 0; i < previous.size(); i++) {
                before.put(previous.get(i).cluster().id(), i);
            }
        }
        long generation = previous == null ? 1 : previous.generation + 1;
        List<ServingCluster> serving = new ArrayList<>();
        long[] lastUsable = new long[clusters.size()];
        for (int i = 0; i < lastUsable.length; i++) {
            @Nullable Integer index = before.get(clusters.get(i).id());
            @Nullable ServingCluster last = previous == null || index == null ? null : previous.get(index);
            ServingCluster now = serving(clusters.get(i), upNodes, last);
            serving.add(now);
            long lastGeneration = previous == null || index == null ? 0 : previous.lastUsable[index];
            lastUsable[i] = now.isUsable() ? generation : lastGeneration;
        }
        return new ServingClusters(serving, lastUsable, generation);
    }

    private static ServingCluster serving(Cluster cluster, Set<String> upNodes, @Nullable ServingCluster before) {
        List<EdgeNode> up = cluster.health() == HealthMode.ASSUMED
                ? cluster.nodes()
                : cluster.nodes().stream()
                        .filter(node -> upNodes.contains(node.id()))
                        .toList();
        List<EdgeNode> nodes = up;
        if (up.isEmpty()) {
            List<EdgeNode> last = before == null
                    ? List.of()
                    : before.nodes().stream().filter(cluster.nodes()::contains).toList();
            nodes = last.isEmpty() ? cluster.nodes() : last;
        }
        boolean isUp = !up.isEmpty();
        if (before != null
                && before.cluster().equals(cluster)
                && before.isUp() == isUp
                && before.nodes().equals(nodes)) {
            return before;
        }
        return new ServingCluster(cluster, nodes, isUp);
    }

    int size() {
        return clusters.size();
    }

    ServingCluster get(int index) {
        return clusters.get(index);
    }

    List<ServingCluster> all() {
        return clusters;
    }

    /** When it was usable last: more is later, and less than 0 when the operator has drained it. */
    long goodness(int index) {
        return clusters.get(index).cluster().drained() ? -1 : lastUsable[index];
    }
}
