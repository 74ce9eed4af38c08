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
     * @param paths where clients can go that are sent on
     * @return the shares of all clusters that were ever heard of
     */
    Map<String, ShedShare> round(Map<String, Reading> readings, SpillPaths paths, ShedLoop.Tick tick) {
        Map<String, ClusterLoad> spills = new HashMap<>();
        Map<String, Double> admitted = new HashMap<>();
        readings.forEach((id, reading) -> {
            ShedLoop loop = loop(id);
            spills.put(id, reading.load().times(loop.demand(1) * loop.share().own()));
            admitted.put(id, 1 - loop.share().guests());
        });
        Map<String, ClusterLoad> coming = coming(spills, paths);
        double welcome = paths.open().stream()
                .mapToDouble(id -> admitted.getOrDefault(id, 0.0))
                .sum();
        readings.forEach((id, reading) -> {
            double elsewhere = welcome - (paths.open().contains(id) ? admitted.getOrDefault(id, 0.0) : 0);
            for (String around : paths.covering(id)) {
                elsewhere += admitted.getOrDefault(around, 0.0);
            }
            loop(id).step(
                            reading.load().utilisation(reading.room()),
                            Math.max(
                                    0, coming.getOrDefault(id, ClusterLoad.NONE).utilisation(reading.room())),
                            Math.max(0, Math.min(1, elsewhere)),
                            tick);
        });
        Map<String, ShedShare> result = new HashMap<>();
        loops.forEach((id, loop) -> result.put(id, loop.share()));
        return result;
    }

    /** By cluster, what others send on now that can come to it, if all of it came. */
    private static Map<String, ClusterLoad> coming(Map<String, ClusterLoad> spills, SpillPaths paths) {
        ClusterLoad all = spills.values().stream().reduce(ClusterLoad.NONE, ClusterLoad::plus);
        Map<String, ClusterLoad> coming = new HashMap<>();
        for (String id : paths.open()) {
            coming.put(id, all.plus(spills.getOrDefault(id, ClusterLoad.NONE).times(-1)));
        }
        spills.forEach((from, spill) ->
                paths.covering(from).forEach(around -> coming.merge(around, spill, ClusterLoad::plus)));
        return coming;
    }

    private ShedLoop loop(String cluster) {
        return loops.computeIfAbsent(cluster, id -> new ShedLoop());
    }

    /** Forgets clusters that are no more. */
    void retain(Set<String> clusters) {
        loops.keySet().retainAll(clusters);
    }
}
