package com.kingcdn.redirector.api.map;

import com.kingcdn.redirector.api.map.MapDocument.ClusterState;
import com.kingcdn.redirector.health.ClusterUtilisation;
import com.kingcdn.redirector.health.LoadTracker;
import com.kingcdn.redirector.routing.ServingCluster;
import com.kingcdn.redirector.routing.ShedShare;
import com.kingcdn.redirector.routing.TrafficDirector;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.Distribution;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Clusters as the map shows them: as answers see them now, with their load. */
final class ClusterStates {

    private final LoadTracker load;
    private final LongSupplier monotonicMillis;

    ClusterStates(LoadTracker load, LongSupplier monotonicMillis) {
        this.load = load;
        this.monotonicMillis = monotonicMillis;
    }

    /** @param distribution whose placement and limits count; or null */
    List<ClusterState> of(TrafficDirector director, @Nullable Distribution distribution) {
        long now = monotonicMillis.getAsLong();
        return director.clusters().stream()
                .map(cluster -> state(cluster, share(director, cluster, distribution), distribution, now))
                .toList();
    }

    private static ShedShare share(
            TrafficDirector director, ServingCluster cluster, @Nullable Distribution distribution) {
        String id = cluster.cluster().id();
        return distribution == null
                ? director.shedding().of(id)
                : director.shedding().of(id, distribution.id());
    }

    private ClusterState state(ServingCluster serving, ShedShare share, @Nullable Distribution distribution, long now) {
        Cluster cluster = serving.cluster();
        @Nullable ClusterUtilisation heard = ClusterUtilisation.of(cluster, load, now);
        return new ClusterState(
                cluster.id(),
                cluster.place(),
                MapDocument.word(cluster.role()),
                MapDocument.word(cluster.kind()),
                cluster.coverage().size(),
                cluster.drained() ? "drained" : serving.isUp() ? "up" : "down",
                cluster.nodes().size(),
                serving.isUp() ? serving.nodes().size() : 0,
                serving.isUsable() && cluster.role() == ClusterRole.EDGE && has(cluster, distribution),
                heard == null ? null : rounded(heard.ratio(), 100),
                heard == null ? null : rounded(heard.requestsPerSecond(), 1),
                heard == null ? null : rounded(heard.megabitsPerSecond(), 10),
                rounded(share.own(), 1000),
                rounded(share.guests(), 1000));
    }

    private static boolean has(Cluster cluster, @Nullable Distribution distribution) {
        return distribution == null
                || distribution.placement() == null
                || distribution.placement().clusters().isEmpty()
                || distribution.placement().clusters().contains(cluster.id());
    }

    private static double rounded(double value, int steps) {
        return Math.round(value * steps) / (double) steps;
    }
}
