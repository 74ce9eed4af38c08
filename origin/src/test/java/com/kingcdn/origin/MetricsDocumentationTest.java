package com.kingcdn.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.origin.content.ContentStore;
import com.kingcdn.origin.content.StoreMetrics;
import com.kingcdn.origin.ingest.IngestMetrics;
import com.kingcdn.origin.web.ContentMetrics;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/metrics.md lists exactly what the origin exports. */
class MetricsDocumentationTest {

    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(kingcdn_origin_\\w+)` \\| (counter|gauge|histogram) \\|");

    @TempDir
    Path directory;

    @Test
    void thePageListsWhatIsRegistered() throws Exception {
        CollectorRegistry registry = new CollectorRegistry(true);
        new ContentMetrics(registry);
        new IngestMetrics(registry);
        try (ContentStore store = ContentStore.open(directory, Clock.systemUTC())) {
            new StoreMetrics(store.catalog()).register(registry);
        }
        Map<String, String> registered = new TreeMap<>();
        for (Collector.MetricFamilySamples family : Collections.list(registry.metricFamilySamples())) {
            boolean counter = family.type == Collector.Type.COUNTER;
            registered.put(counter ? family.name + "_total" : family.name, counter ? "counter" : "gauge");
        }

        Map<String, String> documented = new TreeMap<>();
        Matcher row = ROW.matcher(Files.readString(Path.of("../docs/metrics.md")));
        while (row.find()) {
            documented.put(row.group(1), row.group(2));
        }
        assertThat(documented).isEqualTo(registered);
    }
}
