package com.kingcdn.redirector.health;

import com.kingcdn.control.HealthReport;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.HealthMode;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The judgement of which edge nodes are up, from their reports. Safe for several threads.
 *
 * <p>A node is up while its last report says ready and is younger than {@link #SILENCE_MILLIS}. Once reports can come in, nodes have
 * {@link #GRACE_MILLIS} for the first; until then those count as up that were not down when this redirector was last alive, so that a
 * restart empties no answer. Nodes that are added later are up with their first report.
 */
public final class ClusterHealth {

    /** A node silent for longer is down: two reports may be lost. In milliseconds. */
    public static final long SILENCE_MILLIS = 2_500;

    /** How long silence says nothing once reports can come in, in milliseconds. */
    public static final long GRACE_MILLIS = 3_000;

    private record Seen(HealthReport report, long atMillis) {}

    private final Map<String, Seen> reports = new ConcurrentHashMap<>();
    private final Set<String> downBefore;
    private volatile long graceEndsAtMillis = Long.MAX_VALUE;

    /**
     * Health of nodes that cannot report yet.
     *
     * @param downBefore nodes that were down when this redirector was last alive
     */
    public ClusterHealth(Collection<String> downBefore) {
        this.downBefore = Set.copyOf(downBefore);
    }

    /** From now on nodes can report, so their silence begins to count. */
    public void reportsOpen(long nowMillis) {
        graceEndsAtMillis = nowMillis + GRACE_MILLIS;
    }

    /** Takes in a report. */
    public void report(HealthReport report, long nowMillis) {
        reports.put(report.node(), new Seen(report, nowMillis));
    }

    /** The nodes of these clusters that are up. Draining is no matter of health. */
    public Set<String> upNodes(List<Cluster> clusters, long nowMillis) {
        Set<String> up = new HashSet<>();
        for (Cluster cluster : clusters) {
            for (EdgeNode node : cluster.nodes()) {
                if (cluster.health() == HealthMode.ASSUMED || isUp(cluster.id(), node.id(), nowMillis)) {
                    up.add(node.id());
                }
            }
        }
        return up;
    }

    private boolean isUp(String cluster, String node, long nowMillis) {
        Seen seen = reports.get(node);
        if (seen == null || !seen.report.cluster().equals(cluster)) {
            return nowMillis < graceEndsAtMillis && !downBefore.contains(node);
        }
        return seen.report.ready() && nowMillis - seen.atMillis <= SILENCE_MILLIS;
    }

    /** What a node last reported; empty when it has not since this redirector started. */
    public Optional<NodeHealth> node(String id, long nowMillis) {
        return Optional.ofNullable(reports.get(id)).map(seen -> toHealth(seen, nowMillis));
    }

    /** All nodes whose last report is young enough to believe, ready or not. */
    public List<NodeHealth> live(long nowMillis) {
        return reports.values().stream()
                .map(seen -> toHealth(seen, nowMillis))
                .filter(NodeHealth::live)
                .toList();
    }

    private static NodeHealth toHealth(Seen seen, long nowMillis) {
        long silent = Math.max(0, nowMillis - seen.atMillis);
        return new NodeHealth(seen.report, silent, silent <= SILENCE_MILLIS);
    }
}
