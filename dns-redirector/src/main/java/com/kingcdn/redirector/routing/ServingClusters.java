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

    private static final long TOGETHER_MILLIS = 60_000;

    /** So far from each other, and from any time, that no two of them are together. */
    private static final long NEVER = Long.MIN_VALUE / 4;

    private static final long DRAINED = Long.MIN_VALUE / 2;
    private static final long DRAINED_BUT_UP = Long.MIN_VALUE / 8;

    private final List<ServingCluster> clusters;
    /** By cluster, when it ceased to be usable, or was looked at last if it is; {@link #NEVER} if it never was. */
    private final long[] lastUsable;

    private final Set<String> upNodes;
    /** By a node's id, when it ceased to be up, or was looked at last if it is; nothing if it never was. */
    private final Map<String, Long> lastUp;

    private final long nowMillis;

    private ServingClusters(
            List<ServingCluster> clusters,
            long[] lastUsable,
            Set<String> upNodes,
            Map<String, Long> lastUp,
            long nowMillis) {
        this.clusters = List.copyOf(clusters);
        this.lastUsable = lastUsable;
        this.upNodes = Set.copyOf(upNodes);
        this.lastUp = lastUp;
        this.nowMillis = nowMillis;
    }

    /**
     * @param previous those before, from which it is known who was up last; objects that need not change are kept
     * @param nowMillis when those nodes were found to be up, by one monotonic clock
     */
    static ServingClusters of(
            List<Cluster> clusters, Set<String> upNodes, @Nullable ServingClusters previous, long nowMillis) {
        Map<String, Integer> indexes = new HashMap<>();
        if (previous != null) {
            for (int i = 0; i < previous.size(); i++) {
                indexes.put(previous.get(i).cluster().id(), i);
            }
        }
        Map<String, Long> lastUp = lastUp(clusters, upNodes, previous, nowMillis);
        List<ServingCluster> serving = new ArrayList<>();
        long[] lastUsable = new long[clusters.size()];
        for (int i = 0; i < lastUsable.length; i++) {
            @Nullable Integer index = indexes.get(clusters.get(i).id());
            @Nullable ServingCluster last = previous == null || index == null ? null : previous.get(index);
            ServingCluster now = serving(clusters.get(i), upNodes, lastUp, last);
            serving.add(now);
            boolean ceases = last != null && last.isUsable();
            long before = previous == null || index == null ? NEVER : previous.lastUsable[index];
            lastUsable[i] = now.isUsable() || ceases ? nowMillis : before;
        }
        return new ServingClusters(serving, lastUsable, upNodes, lastUp, nowMillis);
    }

    private static Map<String, Long> lastUp(
            List<Cluster> clusters, Set<String> upNodes, @Nullable ServingClusters previous, long nowMillis) {
        Map<String, Long> lastUp = new HashMap<>();
        for (Cluster cluster : clusters) {
            for (EdgeNode node : cluster.nodes()) {
                boolean ceases = previous != null && previous.upNodes.contains(node.id());
                @Nullable Long before = previous == null ? null : previous.lastUp.get(node.id());
                if (ceases || upNodes.contains(node.id())) {
                    lastUp.put(node.id(), nowMillis);
                } else if (before != null) {
                    lastUp.put(node.id(), before);
                }
            }
        }
        return lastUp;
    }

    private static ServingCluster serving(
            Cluster cluster, Set<String> upNodes, Map<String, Long> lastUp, @Nullable ServingCluster before) {
        List<EdgeNode> up = cluster.health() == HealthMode.ASSUMED
                ? cluster.nodes()
                : cluster.nodes().stream()
                        .filter(node -> upNodes.contains(node.id()))
                        .toList();
        boolean isUp = !up.isEmpty();
        List<EdgeNode> nodes = isUp ? up : lastGood(cluster.nodes(), lastUp);
        if (before != null
                && before.cluster().equals(cluster)
                && before.isUp() == isUp
                && before.nodes().equals(nodes)) {
            return before;
        }
        return new ServingCluster(cluster, nodes, isUp);
    }

    /** Of nodes none of which is up, those that went down together with the last one; all if none ever was up. */
    private static List<EdgeNode> lastGood(List<EdgeNode> nodes, Map<String, Long> lastUp) {
        long latest = NEVER;
        for (EdgeNode node : nodes) {
            latest = Math.max(latest, lastUp.getOrDefault(node.id(), NEVER));
        }
        long since = latest - TOGETHER_MILLIS;
        return nodes.stream()
                .filter(node -> lastUp.getOrDefault(node.id(), NEVER) >= since)
                .toList();
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

    /** When these were found to be as they are. */
    long nowMillis() {
        return nowMillis;
    }

    /**
     * The best of those that are not usable, or -1 for none: the first that was usable until lately, which is {@value #TOGETHER_MILLIS} ms before
     * the last one was not any more. What takes all of them within a minute is most likely our own connection, and then they serve on as
     * they were: whoever was heard a second longer than the others could not serve all of their clients. Drained ones only when there is
     * nothing else, or they are up and none of the others ever was.
     *
     * @param order indexes, the preferred first
     * @param counts by index, whether it may be chosen
     */
    int lastGood(int[] order, boolean[] counts) {
        long latest = DRAINED;
        for (int index : order) {
            latest = counts[index] ? Math.max(latest, goodness(index)) : latest;
        }
        for (int index : order) {
            if (counts[index] && goodness(index) >= latest - TOGETHER_MILLIS) {
                return index;
            }
        }
        return -1;
    }

    private long goodness(int index) {
        ServingCluster cluster = clusters.get(index);
        if (cluster.cluster().drained()) {
            return cluster.isUp() ? DRAINED_BUT_UP : DRAINED;
        }
        return lastUsable[index];
    }
}
