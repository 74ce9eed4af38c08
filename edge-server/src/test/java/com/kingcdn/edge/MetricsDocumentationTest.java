package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/metrics.md lists exactly what the edge exports, with its labels and their values. */
class MetricsDocumentationTest {

    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(kingcdn_edge_\\w+)` \\| (counter|gauge|histogram) \\| ([^|]*)\\|");

    private static Map<String, Collector.MetricFamilySamples> registered() throws ClassNotFoundException {
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("com.kingcdn.edge", "com.kingcdn.control.client")) {
            if (type.getSimpleName().endsWith("Metrics")) {
                // metrics register themselves when their class is initialised
                Class.forName(type.getName());
            }
        }
        Map<String, Collector.MetricFamilySamples> registered = new TreeMap<>();
        for (Collector.MetricFamilySamples family :
                Collections.list(CollectorRegistry.defaultRegistry.metricFamilySamples())) {
            if (family.name.startsWith("kingcdn_edge_")) {
                registered.put(family.name + (family.type == Collector.Type.COUNTER ? "_total" : ""), family);
            }
        }
        return registered;
    }

    private static Stream<MatchResult> rows() throws IOException {
        return ROW.matcher(Files.readString(Path.of("..", "docs", "metrics.md")))
                .results();
    }

    @Test
    void listsEveryMetric() throws Exception {
        Map<String, String> documented =
                rows().collect(Collectors.toMap(row -> row.group(1), row -> row.group(2), (a, b) -> a, TreeMap::new));
        Map<String, String> registered = new TreeMap<>();
        registered()
                .forEach((name, family) ->
                        registered.put(name, family.type.name().toLowerCase(Locale.ROOT)));
        assertThat(documented).isEqualTo(registered);
    }

    @Test
    void listsEveryLabelAndItsValues() throws Exception {
        Map<String, Collector.MetricFamilySamples> registered = registered();
        rows().forEach(row -> {
            Collector.MetricFamilySamples family = Objects.requireNonNull(registered.get(row.group(1)));
            for (Collector.MetricFamilySamples.Sample sample : family.samples) {
                for (int i = 0; i < sample.labelNames.size(); i++) {
                    String label = sample.labelNames.get(i);
                    if (!label.equals("le")) {
                        assertThat(row.group(3)).as(row.group(1)).contains("`" + label + "`");
                    }
                    // of status codes the page has the first and the last class
                    boolean listed = row.group(3).contains("`" + label + "`:");
                    if (listed && !sample.labelValues.get(i).matches("[1-5]xx")) {
                        assertThat(row.group(3)).as(row.group(1)).contains(sample.labelValues.get(i));
                    }
                }
            }
        });
    }
}
