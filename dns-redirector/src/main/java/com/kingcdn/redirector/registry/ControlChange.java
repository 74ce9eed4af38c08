package com.kingcdn.redirector.registry;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.FillProgress;
import com.kingcdn.control.PurgeReceipt;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.Distribution;
import java.util.List;
import java.util.Map;

/** One accepted change of the control plane's state, as a {@link ControlStore} keeps it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "change")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ControlChange.ClusterPut.class, name = "cluster-put"),
    @JsonSubTypes.Type(value = ControlChange.ClusterRemoved.class, name = "cluster-removed"),
    @JsonSubTypes.Type(value = ControlChange.ClusterDrained.class, name = "cluster-drained"),
    @JsonSubTypes.Type(value = ControlChange.DistributionPut.class, name = "distribution-put"),
    @JsonSubTypes.Type(value = ControlChange.DistributionRemoved.class, name = "distribution-removed"),
    @JsonSubTypes.Type(value = ControlChange.ConfigVersioned.class, name = "config-versioned"),
    @JsonSubTypes.Type(value = ControlChange.EventsTrimmed.class, name = "events-trimmed"),
    @JsonSubTypes.Type(value = ControlChange.PurgeAccepted.class, name = "purge-accepted"),
    @JsonSubTypes.Type(value = ControlChange.FillAccepted.class, name = "fill-accepted"),
    @JsonSubTypes.Type(value = ControlChange.FillCancelled.class, name = "fill-cancelled"),
    @JsonSubTypes.Type(value = ControlChange.ReceiptsReported.class, name = "receipts-reported"),
    @JsonSubTypes.Type(value = ControlChange.ProgressReported.class, name = "progress-reported"),
    @JsonSubTypes.Type(value = ControlChange.NodesDown.class, name = "nodes-down"),
    @JsonSubTypes.Type(value = ControlChange.ZoneChanged.class, name = "zone-changed")
})
public sealed interface ControlChange {

    /** A change that appends to the numbered log. */
    sealed interface Numbered extends ControlChange permits PurgeAccepted, FillAccepted, FillCancelled {

        /** What edges are told. */
        ControlEvent event();

        /** Its place in the log, from 1. */
        long sequence();

        /** Unix time in milliseconds. */
        long acceptedAtMillis();
    }

    /** A cluster made or replaced through the API. */
    record ClusterPut(Cluster cluster) implements ControlChange {}

    /** A cluster of the API is gone. */
    record ClusterRemoved(String id) implements ControlChange {}

    /** The operator's word on a cluster of the configuration file; beside it, since the file is not ours to write. */
    record ClusterDrained(String id, boolean drained) implements ControlChange {}

    /** A distribution made or replaced through the API. */
    record DistributionPut(Distribution distribution) implements ControlChange {}

    /** A distribution of the API is gone. */
    record DistributionRemoved(String id) implements ControlChange {}

    /**
     * Edges are served this configuration from now on.
     *
     * @param digest of its content, so that a restart without a change keeps the version
     */
    record ConfigVersioned(long version, String digest) implements ControlChange {}

    /** The log begins after this number; only ever the first change of a compacted store. */
    record EventsTrimmed(long sequence) implements ControlChange {}

    record PurgeAccepted(ControlEvent.Purge event) implements Numbered {

        @Override
        public long sequence() {
            return event.sequence();
        }

        @Override
        public long acceptedAtMillis() {
            return event.acceptedAtMillis();
        }
    }

    record FillAccepted(ControlEvent.Fill event, long acceptedAtMillis) implements Numbered {

        @Override
        public long sequence() {
            return event.sequence();
        }
    }

    record FillCancelled(ControlEvent.FillCancelled event, long acceptedAtMillis) implements Numbered {

        @Override
        public long sequence() {
            return event.sequence();
        }
    }

    /** An edge has applied these purges. */
    record ReceiptsReported(String node, String cluster, List<PurgeReceipt> receipts) implements ControlChange {}

    /** An edge has come to the end of a fill, one way or the other. */
    record ProgressReported(String node, String cluster, FillProgress progress) implements ControlChange {}

    /**
     * A zone is served under this serial number, and differs from its file in these records more than before.
     *
     * @param digest of what is served, updates apart
     * @param records as {@link ZoneOverlays} says
     */
    record ZoneChanged(String zone, long serial, String digest, Map<String, Long> records) implements ControlChange {}

    /** These nodes were down when last seen: what a restarted redirector believes until they have had time to report. */
    record NodesDown(List<String> nodes) implements ControlChange {}
}
