package com.kingcdn.redirector;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.SimpleCollector;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pages for operators list exactly what the redirector exports and takes. */
final class DocumentationTest {

    private static String page(String name) throws IOException {
        return Files.readString(Path.of("..", "docs", name));
    }

    @Test
    void metricsPageListsEveryMetric() throws Exception {
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("com.kingcdn.redirector")) {
            if (type.getFields().stream().anyMatch(field -> field.getRawType().isAssignableTo(SimpleCollector.class))) {
                // metrics register themselves when their class is initialised
                Class.forName(type.getName());
            }
        }
        Map<String, String> registered = new TreeMap<>();
        for (Collector.MetricFamilySamples family :
                Collections.list(CollectorRegistry.defaultRegistry.metricFamilySamples())) {
            if (family.name.startsWith("kingcdn_redirector_")) {
                String suffix = family.type == Collector.Type.COUNTER ? "_total" : "";
                registered.put(family.name + suffix, family.type.name().toLowerCase(Locale.ROOT));
            }
        }
        Map<String, String> documented = new TreeMap<>();
        Matcher row = Pattern.compile("(?m)^\\| `(kingcdn_redirector_\\w+)` \\| (counter|gauge|histogram) \\|")
                .matcher(page("metrics.md"));
        while (row.find()) {
            documented.put(row.group(1), row.group(2));
        }
        assertThat(documented).isEqualTo(registered);
    }

    @Test
    void configurationPageListsEverySetting() throws Exception {
        Set<String> documented = new TreeSet<>();
        Matcher row = Pattern.compile("(?m)^\\| `(kingcdn\\.redirector\\.[a-z.-]+)` \\|")
                .matcher(page("configuration.md"));
        while (row.find()) {
            documented.add(row.group(1));
        }
        Set<String> settings = new TreeSet<>();
        addSettings(settings, "kingcdn.redirector", RedirectorProperties.class);
        assertThat(documented).isEqualTo(settings);
    }

    private static void addSettings(Set<String> settings, String prefix, Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = prefix + "."
                    + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (component.getType().isRecord()) {
                addSettings(settings, key, component.getType());
            } else {
                settings.add(key);
            }
        }
    }
}
