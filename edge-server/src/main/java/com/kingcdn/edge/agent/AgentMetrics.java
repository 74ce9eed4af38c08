package com.kingcdn.edge.agent;

import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;

/** What operators see of the agent. */
final class AgentMetrics {

    static final Gauge APPLIED_SEQUENCE = Gauge.build(
                    "kingcdn_edge_applied_sequence", "Last event of the numbered log that this edge has applied.")
            .register();
    static final Gauge CONFIG_VERSION = Gauge.build(
                    "kingcdn_edge_config_version", "Version of the configuration this edge serves by; 0 for none.")
            .register();
    static final Counter PURGES =
            Counter.build("kingcdn_edge_purges", "Purges applied.").register();
    static final Counter PURGED_ENTRIES = Counter.build(
                    "kingcdn_edge_purged_entries", "Entries that purges removed or marked stale.")
            .register();
    static final Counter RESETS = Counter.build(
                    "kingcdn_edge_log_resets",
                    "Times purges may have been missed, so that all stored responses became unproven.")
            .register();
    static final Counter STATE_WRITES_FAILED = Counter.build(
                    "kingcdn_edge_state_writes_failed", "Writes of the state directory that failed.")
            .register();
    static final Counter RECEIPTS_DROPPED = Counter.build(
                    "kingcdn_edge_receipts_dropped",
                    "Purge receipts dropped because no redirector took them for long, or the disk failed for long.")
            .register();

    private AgentMetrics() {}
}
