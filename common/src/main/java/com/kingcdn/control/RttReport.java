package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.kingcdn.topology.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an edge posts to {@code /v1/reports/rtt}: delays it has measured.
 *
 * @param node the reporting edge node's id
 * @param cluster its cluster's id
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RttReport(String node, String cluster, List<Measurement> measurements) {

    public RttReport(String node, String cluster, @Nullable List<Measurement> measurements) {
        if (node == null || node.isEmpty() || cluster == null || cluster.isEmpty()) {
            throw new IllegalArgumentException("an RTT report needs a node and a cluster");
        }
        this.node = node;
        this.cluster = cluster;
        this.measurements = measurements == null ? List.of() : List.copyOf(measurements);
    }

    /**
     * One prefix's delay from one cluster.
     *
     * @param rttMillis smoothed round-trip time in milliseconds
     * @param loss share of probes without an answer, 0 to 1
     */
    public record Measurement(IpPrefix prefix, double rttMillis, double loss) {

        public Measurement {
            if (!(rttMillis >= 0 && rttMillis < 60_000) || !(loss >= 0 && loss <= 1)) {
                throw new IllegalArgumentException("rttMillis must be 0 to 60000 and loss 0 to 1");
            }
        }
    }
}
