package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an edge posts to {@code /v1/reports/health}, each second and at once when it has receipts or progress.
 *
 * @param node the reporting edge node's id
 * @param cluster its cluster's id
 * @param ready whether it wants clients: false while it starts or shuts down
 * @param appliedSequence the last event of the numbered log it has applied; 0 for none
 * @param configVersion of the configuration it serves by; 0 for none
 * @param receipts for purges applied since the last report that was accepted
 * @param fills progress that changed since the last report that was accepted
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record HealthReport(
        String node,
        String cluster,
        boolean ready,
        long appliedSequence,
        long configVersion,
        List<PurgeReceipt> receipts,
        List<FillProgress> fills) {

    public HealthReport(
            String node,
            String cluster,
            boolean ready,
            long appliedSequence,
            long configVersion,
            @Nullable List<PurgeReceipt> receipts,
            @Nullable List<FillProgress> fills) {
        if (node == null || node.isEmpty() || cluster == null || cluster.isEmpty()) {
            throw new IllegalArgumentException("a health report needs a node and a cluster");
        }
        this.node = node;
        this.cluster = cluster;
        this.ready = ready;
        this.appliedSequence = appliedSequence;
        this.configVersion = configVersion;
        this.receipts = receipts == null ? List.of() : List.copyOf(receipts);
        this.fills = fills == null ? List.of() : List.copyOf(fills);
    }
}
