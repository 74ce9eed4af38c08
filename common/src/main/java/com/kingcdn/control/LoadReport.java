package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * What an edge posts to {@code /v1/reports/load}, every few seconds: means over the time since its last report.
 *
 * @param node the reporting edge node's id
 * @param cluster its cluster's id
 * @param requestsPerSecond answered on the content port
 * @param bitsPerSecond sent to clients
 * @param connections open now on the content port
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record LoadReport(
        String node, String cluster, double requestsPerSecond, double bitsPerSecond, long connections) {

    public LoadReport {
        if (node == null || node.isEmpty() || cluster == null || cluster.isEmpty()) {
            throw new IllegalArgumentException("a load report needs a node and a cluster");
        }
    }
}
