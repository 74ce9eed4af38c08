package com.kingcdn.redirector.health;

import com.kingcdn.redirector.routing.ShedShare;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The loops of all clusters for one kind of load: all of it, or that of one distribution. What one cluster sends on is what the others
 * have to find room for. Not thread-safe.
 */
final class ShedBalance {

    /** @param room endless in a dimension without a limit */
    record Reading(ClusterLoad load, ClusterLoad room) {}

    private final Map<String, ShedLoop> loops = new HashMap<>();

    /**
     * One round.
     *
     * @param readings by cluster; of one that is missing here nothing has been heard, and it stays as it is
     * @return the shares of all clusters that were ever heard of
     */
    Map<String, ShedShare> round(Map<String, Reading> readings, ShedLoop.Tick tick) {
        Map<String, ClusterLoad> spills = new HashMap<>();
        ClusterLoad all = ClusterLoad.NONE;
        for (Map.Entry<String, Reading> entry : readings.entrySet()) {
            ShedLoop loop = loop(entry.getKey());
            ClusterLoad spill =
                    entry.getValue().load().times(loop.demand(1) * loop.share().own());
            spills.put(entry.getKey(), spill);
            all = all.plus(spill);
        }
        ClusterLoad total = all;
        Map<String, Double> admitted = new HashMap<>();
        readings.keySet().forEach(id -> admitted.put(id, 1 - loop(id).share().guests()));
        double welcome = admitted.values().stream().mapToDouble(share -> share).sum();
        Map<String, ShedShare> result = new HashMap<>();
        readings.forEach((id, reading) -> {
            ClusterLoad others =
                    total.plus(spills.getOrDefault(id, ClusterLoad.NONE).times(-1));
            loop(id).step(
                            reading.load().utilisation(reading.room()),
                            Math.max(0, others.utilisation(reading.room())),
                            Math.max(0, Math.min(1, welcome - admitted.getOrDefault(id, 0.0))),
                            tick);
        });
        loops.forEach((id, loop) -> result.put(id, loop.share()));
        return result;
    }

    private ShedLoop loop(String cluster) {
        return loops.computeIfAbsent(cluster, id -> new ShedLoop());
    }

    /** Forgets clusters that are no more. */
    void retain(Set<String> clusters) {
        loops.keySet().retainAll(clusters);
    }
}
