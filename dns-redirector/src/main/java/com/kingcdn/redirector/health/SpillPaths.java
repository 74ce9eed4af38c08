package com.kingcdn.redirector.health;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterKind;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.IpPrefix;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where clients can go that a cluster sends on: to those clusters that serve everybody, and to those whose coverage holds all of its own.
 *
 * @param open ids of the clusters that serve everybody and are not drained
 * @param covering by cluster id, the other clusters that cover all that it covers, are not open and not drained
 */
record SpillPaths(Set<String> open, Map<String, Set<String>> covering) {

    static SpillPaths of(List<Cluster> clusters) {
        List<Cluster> edges = clusters.stream()
                .filter(cluster -> cluster.role() == ClusterRole.EDGE)
                .toList();
        // as the map has it: enter-deep clusters alone serve everybody
        boolean isAllDeep = edges.stream().allMatch(cluster -> cluster.kind() == ClusterKind.ENTER_DEEP);
        Set<String> open = edges.stream()
                .filter(cluster -> !cluster.drained() && (isAllDeep || cluster.kind() == ClusterKind.BRING_HOME))
                .map(Cluster::id)
                .collect(Collectors.toSet());
        List<Cluster> closed = edges.stream()
                .filter(cluster -> !cluster.drained() && !open.contains(cluster.id()))
                .toList();
        Map<String, Set<String>> covering = new HashMap<>();
        for (Cluster from : edges) {
            for (Cluster to : closed) {
                if (!from.equals(to) && from.kind() == ClusterKind.ENTER_DEEP && covers(to, from)) {
                    covering.computeIfAbsent(from.id(), id -> new HashSet<>()).add(to.id());
                }
            }
        }
        return new SpillPaths(open, covering);
    }

    private static boolean covers(Cluster wide, Cluster narrow) {
        return narrow.coverage().stream()
                .allMatch(prefix -> wide.coverage().stream().anyMatch(around -> holds(around, prefix)));
    }

    private static boolean holds(IpPrefix around, IpPrefix prefix) {
        return around.length() <= prefix.length() && around.contains(prefix.address());
    }

    /** The others that take clients of this cluster, beside those that are open. */
    Set<String> covering(String cluster) {
        return covering.getOrDefault(cluster, Set.of());
    }
}
