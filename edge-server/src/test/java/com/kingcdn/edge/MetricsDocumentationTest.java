package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/metrics.md lists exactly what the edge exports. */
class MetricsDocumentationTest {

    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(kingcdn_edge_\\w+)` \\| (counter|gauge|histogram) \\|");

    @Test
    void listsEveryMetric() throws Exception {
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("com.kingcdn.edge", "com.kingcdn.control.client")) {
            if (type.getSimpleName().endsWith("Metrics")) {
                // metrics register themselves when their class is initialised
                Class.forName(type.getName());
            }
        }
        Map<String, String> registered = new TreeMap<>();
        for (Collector.MetricFamilySamples family :
                Collections.list(CollectorRegistry.defaultRegistry.metricFamilySamples())) {
            if (family.name.startsWith("kingcdn_edge_")) {
                String suffix = family.type == Collector.Type.COUNTER ? "_total" : "";
                registered.put(family.name + suffix, family.type.name().toLowerCase(Locale.ROOT));
            }
        }
        Map<String, String> documented = new TreeMap<>();
        Matcher row = ROW.matcher(Files.readString(Path.of("..", "docs", "metrics.md")));
        while (row.find()) {
            documented.put(row.group(1), row.group(2));
        }
        assertThat(documented).isEqualTo(registered);
    }
}
