package com.kingcdn.edge.store;

import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;

/** What the memory tier and the entries tell operators. */
final class StoreMetrics {

    static final Counter MEMORY_EVICTED_BLOCKS = Counter.build(
                    "kingcdn_edge_memory_evicted_blocks_total", "Blocks evicted from memory")
            .register();

    static final Counter MEMORY_EVICTED_BYTES = Counter.build(
                    "kingcdn_edge_memory_evicted_bytes_total", "Content evicted from memory")
            .register();

    private static final Gauge MEMORY_BYTES = Gauge.build(
                    "kingcdn_edge_memory_bytes", "Content held in memory, whether cached, being filled or being sent")
            .register();

    private static final Gauge METADATA_BYTES = Gauge.build(
                    "kingcdn_edge_metadata_bytes", "Heap taken by the metadata of stored responses, estimated")
            .register();

    private static final Gauge ENTRIES = Gauge.build("kingcdn_edge_entries", "Stored responses that can be found")
            .register();

    private static final Gauge PURGE_SCOPES = Gauge.build(
                    "kingcdn_edge_purge_scopes",
                    "Prefixes, hosts, tags and distributions of which purges are remembered")
            .register();

    static final Counter PURGED_WHEN_FOUND = Counter.build(
                    "kingcdn_edge_purged_when_found_total",
                    "Stored responses that were found to have been purged with many others")
            .register();

    static final Counter PURGE_COMPARISONS = Counter.build(
                    "kingcdn_edge_purge_comparisons_total",
                    "Times all stored responses were compared with the purges, so that these could be forgotten")
            .register();

    static final Counter ENTRIES_FROM_DISK = Counter.build(
                    "kingcdn_edge_entries_from_disk_total",
                    "Stored responses whose metadata was read from disk when somebody asked for them")
            .register();

    private static final Counter BLOCKS = Counter.build(
                    "kingcdn_edge_blocks_total", "Blocks that readers began, by where they came from")
            .labelNames("tier")
            .register();

    static final Counter.Child BLOCKS_FROM_MEMORY = BLOCKS.labels("memory");
    static final Counter.Child BLOCKS_FROM_DISK = BLOCKS.labels("disk");
    static final Counter.Child BLOCKS_FROM_UPSTREAM = BLOCKS.labels("upstream");

    private static final Counter PINS = Counter.build(
                    "kingcdn_edge_pins_total", "Times something was to be kept from eviction, by what came of it")
            .labelNames("outcome")
            .register();

    private static final Map<PinOutcome, Counter.Child> BY_OUTCOME = new EnumMap<>(PinOutcome.class);

    static {
        for (PinOutcome outcome : PinOutcome.values()) {
            BY_OUTCOME.put(outcome, PINS.labels(outcome.label()));
        }
    }

    private StoreMetrics() {}

    static void pinned(PinOutcome outcome) {
        Objects.requireNonNull(BY_OUTCOME.get(outcome)).inc();
    }

    /** Has the gauges show this store from now on. */
    static void observe(CacheStore store) {
        show(MEMORY_BYTES, store::memoryBytes);
        show(METADATA_BYTES, store::metadataBytes);
        show(ENTRIES, store::size);
        show(PURGE_SCOPES, store::purgeScopes);
    }

    /** Has a gauge show a value as it is whenever it is scraped. */
    static void show(Gauge gauge, DoubleSupplier value) {
        gauge.setChild(new Gauge.Child() {
            @Override
            public double get() {
                return value.getAsDouble();
            }
        });
    }
}
