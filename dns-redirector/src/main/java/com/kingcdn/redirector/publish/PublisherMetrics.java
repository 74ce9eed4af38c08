package com.kingcdn.redirector.publish;

import com.kingcdn.redirector.routing.RemapRound;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.EdgeNode;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What operators see of publishing. */
final class PublisherMetrics {

    private static final Gauge PUBLISHED = Gauge.build(
                    "kingcdn_redirector_snapshot_published_timestamp_seconds",
                    "When the serving snapshot was last changed, Unix time")
            .register();
    private static final Histogram COMPILE = Histogram.build(
                    "kingcdn_redirector_snapshot_compile_seconds", "Time to compile a serving snapshot")
            .buckets(.005, .02, .1, .5, 1, 2, 5, 10, 30)
            .register();
    private static final Counter FAILURES = Counter.build(
                    "kingcdn_redirector_snapshot_failures",
                    "Configurations that could not be compiled, and changed geo databases that could not be read")
            .register();
    private static final Counter HEALTH = Counter.build(
                    "kingcdn_redirector_health_changes", "Snapshots published because nodes went up or down")
            .register();
    private static final Gauge CLUSTER_UP = Gauge.build(
                    "kingcdn_redirector_cluster_up", "1 while the cluster has a node that is up and is not drained")
            .labelNames("cluster")
            .register();
    private static final Gauge NODES_DOWN = Gauge.build(
                    "kingcdn_redirector_cluster_down_nodes", "Nodes of a cluster that are not up")
            .labelNames("cluster")
            .register();
    private static final Gauge NODES_UP =
            Gauge.build("kingcdn_redirector_nodes_up", "Edge nodes that are up").register();

    private static final Gauge MEASURED = Gauge.build(
                    "kingcdn_redirector_measured_prefixes",
                    "Client prefixes with measurements that the map was compiled from")
            .register();
    private static final Gauge MOVED = Gauge.build(
                    "kingcdn_redirector_remap_moved_ratio",
                    "Share of the measured prefixes that changed their first cluster in the last round")
            .register();
    private static final Gauge WAITING = Gauge.build(
                    "kingcdn_redirector_remap_waiting",
                    "Measured prefixes worth a move that have to wait for another round")
            .register();
    private static final Gauge REFUSED = Gauge.build(
                    "kingcdn_redirector_measurements_refused", "Measurements not taken in because the RTT map was full")
            .register();

    private Set<String> shown = Set.of();

    void compiled(long nanos) {
        COMPILE.observe(nanos / (double) TimeUnit.SECONDS.toNanos(1));
    }

    void failed() {
        FAILURES.inc();
    }

    void healthPublished() {
        HEALTH.inc();
    }

    void remapped(RemapRound round, long refused) {
        MEASURED.set(round.prefixes());
        MOVED.set(round.prefixes() == 0 ? 0 : round.moved() / (double) round.prefixes());
        WAITING.set(round.waiting());
        REFUSED.set((double) refused);
    }

    /** Under the publisher's lock. */
    void published(List<Cluster> clusters, Set<String> up) {
        PUBLISHED.setToCurrentTime();
        NODES_UP.set(up.size());
        Set<String> ids = Set.copyOf(clusters.stream().map(Cluster::id).toList());
        shown.stream().filter(id -> !ids.contains(id)).forEach(id -> {
            CLUSTER_UP.remove(id);
            NODES_DOWN.remove(id);
        });
        shown = ids;
        for (Cluster cluster : clusters) {
            List<EdgeNode> nodes = cluster.nodes();
            long nodesUp = nodes.stream().filter(node -> up.contains(node.id())).count();
            CLUSTER_UP.labels(cluster.id()).set(!cluster.drained() && nodesUp > 0 ? 1 : 0);
            NODES_DOWN.labels(cluster.id()).set((double) (nodes.size() - nodesUp));
        }
    }
}
