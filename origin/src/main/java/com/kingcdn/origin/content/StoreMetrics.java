package com.kingcdn.origin.content;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;

/** What the catalogue holds, read at each scrape. */
public final class StoreMetrics extends Collector implements Collector.Describable {

    private final Catalog catalog;

    public StoreMetrics(Catalog catalog) {
        this.catalog = catalog;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        return families(catalog.bytes(), catalog.size());
    }

    @Override
    public List<MetricFamilySamples> describe() {
        return families(0, 0);
    }

    private static List<MetricFamilySamples> families(long bytes, long entries) {
        return List.of(
                new GaugeMetricFamily("kingcdn_origin_store_bytes", "Bytes of all content in the store.", bytes),
                new GaugeMetricFamily("kingcdn_origin_store_entries", "Pieces of content in the store.", entries));
    }
}
