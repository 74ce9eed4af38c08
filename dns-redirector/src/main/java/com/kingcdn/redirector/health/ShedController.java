package com.kingcdn.redirector.health;

import com.kingcdn.control.LoadReport;
import com.kingcdn.redirector.routing.ShedShare;
import com.kingcdn.redirector.routing.Shedding;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.Distribution;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The judgement of who is too full, from what edges report of their load and capacity, and of who goes where instead.
 *
 * <p>The control law is {@link ShedLoop}'s; docs/mapping.md and ADR 18 have it in words. Not thread-safe.
 */
public final class ShedController {

    /** Shares are published in steps of this size, so that not each round makes a new snapshot. */
    private static final int STEPS = 256;

    /** Edges report means over this time. */
    private static final double REPORT_SECONDS = 5;

    private final LoadTracker loads;
    private final ShedBalance all = new ShedBalance();
    private final Map<String, ShedBalance> ofDistributions = new HashMap<>();
    private Map<String, Double> utilisation = Map.of();
    private long lastMillis = Long.MIN_VALUE;
    private List<Cluster> known = List.of();
    private SpillPaths paths = SpillPaths.of(known);

    public ShedController(LoadTracker loads) {
        this.loads = loads;
    }

    /**
     * One round; to be called about every second, with the clock of the reports.
     *
     * @param ttl how long resolvers keep addresses
     */
    public Shedding round(List<Cluster> clusters, List<Distribution> distributions, Duration ttl, long nowMillis) {
        double seconds = lastMillis == Long.MIN_VALUE ? 0 : Math.min(10, Math.max(0, (nowMillis - lastMillis) / 1e3));
        lastMillis = nowMillis;
        ShedLoop.Tick tick = new ShedLoop.Tick(seconds, ttl.toMillis() / 1e3 + REPORT_SECONDS);
        if (!known.equals(clusters)) {
            known = List.copyOf(clusters);
            paths = SpillPaths.of(clusters);
        }
        Map<String, List<LoadReport>> reports = reports(clusters, nowMillis);
        Set<String> ids = clusters.stream().map(Cluster::id).collect(Collectors.toSet());
        Map<String, ShedBalance.Reading> readings = new HashMap<>();
        for (Cluster cluster : clusters) {
            @Nullable List<LoadReport> heard = reports.get(cluster.id());
            if (heard != null) {
                readings.put(
                        cluster.id(),
                        new ShedBalance.Reading(
                                ClusterUtilisation.load(heard), ClusterUtilisation.room(cluster, heard)));
            }
        }
        utilisation = readings.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue()
                .load()
                .utilisation(entry.getValue().room())));
        all.retain(ids);
        Map<String, ShedShare> shares = stepped(all.round(readings, paths, tick));
        return new Shedding(shares, ofDistributions(clusters, distributions, reports, tick));
    }

    /** By cluster, how full those were in the last round of which anything was heard; 1 is full. */
    public Map<String, Double> utilisation() {
        return utilisation;
    }

    private Map<String, Map<String, ShedShare>> ofDistributions(
            List<Cluster> clusters,
            List<Distribution> distributions,
            Map<String, List<LoadReport>> reports,
            ShedLoop.Tick tick) {
        Map<String, Map<String, ShedShare>> result = new HashMap<>();
        Set<String> limited = distributions.stream()
                .filter(distribution -> distribution.placement() != null
                        && distribution.placement().capacity() != null)
                .map(Distribution::id)
                .collect(Collectors.toSet());
        ofDistributions.keySet().retainAll(limited);
        for (Distribution distribution : distributions) {
            if (distribution.placement() == null || !limited.contains(distribution.id())) {
                continue;
            }
            ClusterLoad room = ClusterLoad.of(distribution.placement().capacity());
            List<String> placed = distribution.placement().clusters();
            Set<String> having = clusters.stream()
                    .map(Cluster::id)
                    .filter(id -> placed.isEmpty() || placed.contains(id))
                    .collect(Collectors.toSet());
            Map<String, ShedBalance.Reading> readings = new HashMap<>();
            for (Cluster cluster : clusters) {
                @Nullable List<LoadReport> heard = reports.get(cluster.id());
                if (heard != null && having.contains(cluster.id())) {
                    readings.put(cluster.id(), new ShedBalance.Reading(load(heard, distribution.id()), room));
                }
            }
            ShedBalance balance = ofDistributions.computeIfAbsent(distribution.id(), id -> new ShedBalance());
            balance.retain(having);
            Map<String, ShedShare> shares = stepped(balance.round(readings, paths, tick));
            if (!shares.isEmpty()) {
                result.put(distribution.id(), shares);
            }
        }
        return result;
    }

    /** By edge cluster, what its nodes have reported of late; clusters of which nothing was heard are not there. */
    private Map<String, List<LoadReport>> reports(List<Cluster> clusters, long nowMillis) {
        Map<String, List<LoadReport>> result = new HashMap<>();
        for (Cluster cluster : clusters) {
            if (cluster.role() != ClusterRole.EDGE) {
                continue;
            }
            List<LoadReport> heard = ClusterUtilisation.reports(cluster, loads, nowMillis);
            if (!heard.isEmpty()) {
                result.put(cluster.id(), heard);
            }
        }
        return result;
    }

    private static ClusterLoad load(List<LoadReport> reports, String distribution) {
        ClusterLoad sum = ClusterLoad.NONE;
        for (LoadReport report : reports) {
            for (LoadReport.OfDistribution of : report.distributions()) {
                if (of.id().equals(distribution)) {
                    sum = sum.plus(
                            new ClusterLoad(of.bitsPerSecond() / ClusterUtilisation.MEGA, of.requestsPerSecond()));
                }
            }
        }
        return sum;
    }

    private static Map<String, ShedShare> stepped(Map<String, ShedShare> shares) {
        UnaryOperator<ShedShare> step = share -> new ShedShare(stepped(share.guests()), stepped(share.own()));
        return shares.entrySet().stream()
                .map(entry -> Map.entry(entry.getKey(), step.apply(entry.getValue())))
                .filter(entry -> !entry.getValue().equals(ShedShare.NONE))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static double stepped(double share) {
        return Math.round(share * STEPS) / (double) STEPS;
    }
}
