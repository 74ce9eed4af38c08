package com.kingcdn.edge.store;

import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What the disk tier counts; docs/metrics.md says what each means. */
final class DiskMetrics {

    private static final Gauge UP = Gauge.build(
                    "kingcdn_edge_disk_up", "1 while the disk tier can be written, 0 while it cannot or there is none.")
            .register();
    private static final Gauge BYTES =
            Gauge.build("kingcdn_edge_disk_bytes", "Octets in segment files.").register();
    private static final Gauge CAPACITY = Gauge.build(
                    "kingcdn_edge_disk_capacity_bytes", "Octets that segment files may take.")
            .register();
    private static final Gauge PINNED = Gauge.build("kingcdn_edge_disk_pinned_bytes", "Octets of pinned entries.")
            .register();
    private static final Gauge ENTRIES =
            Gauge.build("kingcdn_edge_disk_entries", "Entries on disk.").register();
    private static final Gauge LOADING = Gauge.build(
                    "kingcdn_edge_disk_loading", "1 while what was stored before the start is being read, else 0.")
            .register();
    private static final Gauge UNREAD_SEGMENTS = Gauge.build(
                    "kingcdn_edge_disk_unread_segments", "Segments from before the start that are still to be read.")
            .register();
    private static final Gauge LOAD_SECONDS = Gauge.build(
                    "kingcdn_edge_disk_load_seconds", "How long reading what was stored before the start has taken.")
            .register();
    private static final Gauge QUEUE = Gauge.build(
                    "kingcdn_edge_disk_write_queue_bytes", "Octets accepted and not yet written.")
            .register();
    static final Counter WRITTEN_BYTES = Counter.build(
                    "kingcdn_edge_disk_written_bytes_total", "Octets of records written, copies by eviction left out.")
            .register();
    static final Counter KEPT_RECORDS = Counter.build(
                    "kingcdn_edge_disk_kept_records_total", "Records that eviction wrote again to keep them.")
            .register();
    static final Counter EVICTED_BLOCKS = Counter.build(
                    "kingcdn_edge_disk_evicted_blocks_total", "Blocks dropped with their segment.")
            .register();
    static final Counter EVICTED_PINNED_BLOCKS = Counter.build(
                    "kingcdn_edge_disk_evicted_pinned_blocks_total",
                    "Blocks dropped with their segment though they were pinned: more was than may be.")
            .register();
    static final Counter CHECKSUM_FAILURES = Counter.build(
                    "kingcdn_edge_disk_checksum_failures_total", "Records read that were not what had been written.")
            .register();

    private static final Counter READS = Counter.build(
                    "kingcdn_edge_disk_reads_total", "Blocks asked of the disk, by what came of it.")
            .labelNames("outcome")
            .register();
    private static final Counter DROPPED_WRITES = Counter.build(
                    "kingcdn_edge_disk_dropped_writes_total", "Metadata and blocks that were not written, by reason.")
            .labelNames("reason")
            .register();

    private static final Map<ReadOutcome, Counter.Child> READ_OUTCOMES = children(READS, ReadOutcome.class);
    private static final Map<DropReason, Counter.Child> DROP_REASONS = children(DROPPED_WRITES, DropReason.class);

    private DiskMetrics() {}

    /** Lets the gauges show this tier, read whenever they are scraped. */
    static void show(DiskWriter writer, SegmentLog log, DiskIndex index, DiskWriteQueue queue) {
        StoreMetrics.show(UP, () -> writer.available() ? 1 : 0);
        StoreMetrics.show(BYTES, log::bytes);
        StoreMetrics.show(CAPACITY, log::capacity);
        StoreMetrics.show(PINNED, index::pinnedBytes);
        StoreMetrics.show(ENTRIES, index::size);
        StoreMetrics.show(QUEUE, queue::bytes);
        DiskLoad load = writer.load();
        StoreMetrics.show(LOADING, () -> load.isUnderWay() ? 1 : 0);
        StoreMetrics.show(UNREAD_SEGMENTS, load::unread);
        StoreMetrics.show(LOAD_SECONDS, load::seconds);
    }

    /** What came of a read. */
    enum ReadOutcome {
        READ,
        ABSENT,
        CORRUPT,
        FAILED,
        /** More reads were waiting than may wait. */
        REJECTED
    }

    /** Why something was not written. */
    enum DropReason {
        QUEUE_FULL,
        UNAVAILABLE
    }

    static void count(ReadOutcome outcome) {
        child(READ_OUTCOMES, outcome).inc();
    }

    static void count(DropReason reason) {
        child(DROP_REASONS, reason).inc();
    }

    private static <E extends Enum<E>> Map<E, Counter.Child> children(Counter counter, Class<E> labels) {
        Map<E, Counter.Child> children = new EnumMap<>(labels);
        for (E label : labels.getEnumConstants()) {
            children.put(label, counter.labels(label.name().toLowerCase(Locale.ROOT)));
        }
        return children;
    }

    private static <E> Counter.Child child(Map<E, Counter.Child> children, E label) {
        return Objects.requireNonNull(children.get(label));
    }
}
