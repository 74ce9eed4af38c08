package com.kingcdn.redirector.publish;

import com.kingcdn.topology.Cluster;
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
                    "kingcdn_redirector_snapshot_failures", "Configurations that could not be compiled")
            .register();
    private static final Counter HEALTH = Counter.build(
                    "kingcdn_redirector_health_changes", "Snapshots published because nodes went up or down")
            .register();
    private static final Gauge CLUSTER_UP = Gauge.build(
                    "kingcdn_redirector_cluster_up", "1 while the cluster has a node that is up and is not drained")
            .labelNames("cluster")
            .register();
    private static final Gauge NODES_UP =
            Gauge.build("kingcdn_redirector_nodes_up", "Edge nodes that are up").register();

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

    /** Under the publisher's lock. */
    void published(List<Cluster> clusters, Set<String> up) {
        PUBLISHED.setToCurrentTime();
        NODES_UP.set(up.size());
        Set<String> ids = Set.copyOf(clusters.stream().map(Cluster::id).toList());
        shown.stream().filter(id -> !ids.contains(id)).forEach(CLUSTER_UP::remove);
        shown = ids;
        for (Cluster cluster : clusters) {
            boolean usable = !cluster.drained() && cluster.nodes().stream().anyMatch(node -> up.contains(node.id()));
            CLUSTER_UP.labels(cluster.id()).set(usable ? 1 : 0);
        }
    }
}
