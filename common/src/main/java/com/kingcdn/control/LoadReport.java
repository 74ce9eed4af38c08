package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.kingcdn.topology.Capacity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an edge posts to {@code /v1/reports/load}, every few seconds: means over the time since its last report.
 *
 * @param node the reporting edge node's id
 * @param cluster its cluster's id
 * @param requestsPerSecond answered on the content port
 * @param bitsPerSecond sent to clients
 * @param connections open now on the content port
 * @param capacity the most that the node shall be asked; null when its operator has not said
 * @param distributions what of it were those distributions that have a limit of their own in each cluster
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record LoadReport(
        String node,
        String cluster,
        double requestsPerSecond,
        double bitsPerSecond,
        long connections,
        @JsonIgnoreProperties(ignoreUnknown = true) @Nullable Capacity capacity,
        List<OfDistribution> distributions) {

    /**
     * What one distribution has of a node's load, in the same units.
     *
     * @param id of the distribution
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record OfDistribution(String id, double requestsPerSecond, double bitsPerSecond) {

        public OfDistribution {
            check(requestsPerSecond);
            check(bitsPerSecond);
        }
    }

    /** Validates. */
    @JsonCreator
    public LoadReport(
            String node,
            String cluster,
            double requestsPerSecond,
            double bitsPerSecond,
            long connections,
            @Nullable Capacity capacity,
            @Nullable List<OfDistribution> distributions) {
        if (node == null || node.isEmpty() || cluster == null || cluster.isEmpty()) {
            throw new IllegalArgumentException("a load report needs a node and a cluster");
        }
        this.node = node;
        this.cluster = cluster;
        this.requestsPerSecond = check(requestsPerSecond);
        this.bitsPerSecond = check(bitsPerSecond);
        if (connections < 0) {
            throw new IllegalArgumentException("connections are 0 or more, not " + connections);
        }
        this.connections = connections;
        this.capacity = capacity;
        this.distributions = distributions == null ? List.of() : List.copyOf(distributions);
    }

    /** One that says nothing of capacity and distributions. */
    public LoadReport(String node, String cluster, double requestsPerSecond, double bitsPerSecond, long connections) {
        this(node, cluster, requestsPerSecond, bitsPerSecond, connections, null, null);
    }

    private static double check(double load) {
        if (!(load >= 0 && load < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("a load is 0 or more, not " + load);
        }
        return load;
    }
}
