package com.kingcdn.redirector.publish;

import com.kingcdn.redirector.health.ShedController;
import com.kingcdn.redirector.registry.Configuration;
import com.kingcdn.redirector.routing.ShedShare;
import com.kingcdn.redirector.routing.Shedding;
import com.kingcdn.topology.Cluster;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The rounds in which it is decided who sheds load, and what operators see of them. Not thread-safe. */
final class ShedWatch {

    private static final long PERIOD_MILLIS = 1_000;

    private static final Gauge SHARE = Gauge.build(
                    "kingcdn_redirector_shed_ratio",
                    "Share of the clients that a full cluster sends on to the next one: of its own, or of other clusters' guests")
            .labelNames("cluster", "clients")
            .register();
    private static final Gauge OF_DISTRIBUTION = Gauge.build(
                    "kingcdn_redirector_distribution_shed_ratio",
                    "The same of a distribution that is limited in each cluster, where it sheds")
            .labelNames("distribution", "cluster")
            .register();
    private static final Gauge UTILISATION = Gauge.build(
                    "kingcdn_redirector_cluster_utilisation_ratio",
                    "Load that a cluster's nodes report, of what it shall be asked at most; the larger of Mb/s and requests")
            .labelNames("cluster")
            .register();
    private static final Counter CHANGES = Counter.build(
                    "kingcdn_redirector_shed_changes",
                    "Snapshots published because other clusters were full, or less full")
            .register();

    private final ShedController controller;
    private Set<String> shown = Set.of();
    private long nextMillis = Long.MIN_VALUE;

    ShedWatch(ShedController controller) {
        this.controller = controller;
    }

    /** What holds from now on, which is what held before until it is time for a round. */
    Shedding round(Configuration config, Shedding before, long nowMillis) {
        if (nowMillis < nextMillis) {
            return before;
        }
        nextMillis = nowMillis + PERIOD_MILLIS;
        Shedding now = controller.round(
                config.clusters(), config.distributions(), config.ttls().address(), nowMillis);
        show(config.clusters(), now);
        if (now.equals(before)) {
            return before;
        }
        CHANGES.inc();
        return now;
    }

    private void show(List<Cluster> clusters, Shedding now) {
        Set<String> ids = new HashSet<>();
        for (Cluster cluster : clusters) {
            ids.add(cluster.id());
            ShedShare share = now.of(cluster.id());
            SHARE.labels(cluster.id(), "own").set(share.own());
            SHARE.labels(cluster.id(), "guests").set(share.guests());
            if (!controller.utilisation().containsKey(cluster.id())) {
                // nothing is heard of it: what it had last would be shown for ever
                UTILISATION.remove(cluster.id());
            }
        }
        controller.utilisation().forEach((id, ratio) -> UTILISATION.labels(id).set(ratio));
        for (String gone : shown) {
            if (!ids.contains(gone)) {
                SHARE.remove(gone, "own");
                SHARE.remove(gone, "guests");
                UTILISATION.remove(gone);
            }
        }
        shown = ids;
        OF_DISTRIBUTION.clear();
        now.distributions()
                .forEach((distribution, shares) -> shares.forEach((cluster, share) ->
                        OF_DISTRIBUTION.labels(distribution, cluster).set(share.own())));
    }
}
