package com.kingcdn.redirector.api;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.kingcdn.control.LoadReport;
import com.kingcdn.redirector.health.ClusterHealth;
import com.kingcdn.redirector.health.LoadTracker;
import com.kingcdn.redirector.health.NodeHealth;
import com.kingcdn.redirector.registry.ConfigRegistry;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Clusters as the API shows them: what is configured, with health and load as seen now. */
final class ClusterView {

    /**
     * @param source {@code file} or {@code api}: where it is changed
     * @param status as seen now
     */
    record Shown(@JsonUnwrapped Cluster cluster, String source, Status status) {}

    /**
     * @param up whether any node is up
     * @param inAnswers whether new answers may name it: up and not drained
     */
    record Status(boolean up, boolean inAnswers, List<NodeStatus> nodes) {}

    /**
     * @param silentMillis since its last report; absent when there was none since this redirector started
     * @param appliedSequence how far it has followed the numbered log
     */
    record NodeStatus(
            String id,
            boolean up,
            @Nullable Long silentMillis,
            @Nullable Boolean ready,
            @Nullable Long appliedSequence,
            @Nullable Long configVersion,
            @Nullable NodeLoad load) {}

    /** What the node's last load report says. */
    record NodeLoad(double requestsPerSecond, double bitsPerSecond, long connections) {}

    private final ConfigRegistry config;
    private final ClusterHealth health;
    private final LoadTracker load;
    private final ApiClocks clocks;

    ClusterView(ConfigRegistry config, ClusterHealth health, LoadTracker load, ApiClocks clocks) {
        this.config = config;
        this.health = health;
        this.load = load;
        this.clocks = clocks;
    }

    Shown show(Cluster cluster) {
        long now = clocks.monotonic();
        Set<String> up = health.upNodes(List.of(cluster), now);
        List<NodeStatus> nodes = cluster.nodes().stream()
                .map(node -> node(node, up.contains(node.id()), now))
                .toList();
        boolean anyUp = !up.isEmpty();
        return new Shown(
                cluster,
                config.require().isClusterOfFile(cluster.id()) ? "file" : "api",
                new Status(anyUp, anyUp && !cluster.drained(), nodes));
    }

    private NodeStatus node(EdgeNode node, boolean up, long now) {
        Optional<NodeHealth> seen = health.node(node.id(), now);
        return new NodeStatus(
                node.id(),
                up,
                seen.map(NodeHealth::silentMillis).orElse(null),
                seen.map(known -> known.report().ready()).orElse(null),
                seen.map(known -> known.report().appliedSequence()).orElse(null),
                seen.map(known -> known.report().configVersion()).orElse(null),
                load.node(node.id(), now).map(ClusterView::load).orElse(null));
    }

    private static NodeLoad load(LoadReport report) {
        return new NodeLoad(report.requestsPerSecond(), report.bitsPerSecond(), report.connections());
    }
}
