package com.kingcdn.redirector.health;

import com.kingcdn.control.LoadReport;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a cluster's nodes have last reported together.
 *
 * @param requestsPerSecond of clients
 * @param megabitsPerSecond sent to them
 * @param ratio of what the cluster shall be asked at most, 1 when it is full; 0 when it has no limit
 */
public record ClusterUtilisation(double requestsPerSecond, double megabitsPerSecond, double ratio) {

    static final double MEGA = 1e6;

    /** Of a cluster now; null when nothing was heard of late. */
    public static @Nullable ClusterUtilisation of(Cluster cluster, LoadTracker loads, long nowMillis) {
        List<LoadReport> heard = reports(cluster, loads, nowMillis);
        if (heard.isEmpty()) {
            return null;
        }
        ClusterLoad load = load(heard);
        return new ClusterUtilisation(load.requests(), load.megabits(), load.utilisation(room(cluster, heard)));
    }

    static List<LoadReport> reports(Cluster cluster, LoadTracker loads, long nowMillis) {
        List<LoadReport> heard = new ArrayList<>();
        for (EdgeNode node : cluster.nodes()) {
            loads.node(node.id(), nowMillis)
                    .filter(found -> found.cluster().equals(cluster.id()))
                    .ifPresent(heard::add);
        }
        return heard;
    }

    static ClusterLoad load(List<LoadReport> reports) {
        ClusterLoad sum = ClusterLoad.NONE;
        for (LoadReport report : reports) {
            sum = sum.plus(new ClusterLoad(report.bitsPerSecond() / MEGA, report.requestsPerSecond()));
        }
        return sum;
    }

    /** What the nodes that are heard can do together, and no more than the operator allows the cluster. */
    static ClusterLoad room(Cluster cluster, List<LoadReport> reports) {
        ClusterLoad nodes = ClusterLoad.NONE;
        for (LoadReport report : reports) {
            nodes = nodes.plus(ClusterLoad.of(report.capacity()));
        }
        return nodes.min(ClusterLoad.of(cluster.capacity()));
    }
}
