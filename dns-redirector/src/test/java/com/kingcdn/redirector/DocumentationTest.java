package com.kingcdn.redirector;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.SimpleCollector;
import java.io.IOException;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** The pages for operators list exactly what the redirector exports and takes. */
final class DocumentationTest {

    private static String page(String name) throws IOException {
        return Files.readString(Path.of("..", "docs", name));
    }

    private static Map<String, Collector.MetricFamilySamples> metrics() throws ClassNotFoundException {
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("com.kingcdn.redirector")) {
            if (type.getFields().stream().anyMatch(field -> isCollector(field.getRawType()))) {
                // metrics register themselves when their class is initialised
                Class.forName(type.getName());
            }
        }
        Map<String, Collector.MetricFamilySamples> registered = new TreeMap<>();
        for (Collector.MetricFamilySamples family :
                Collections.list(CollectorRegistry.defaultRegistry.metricFamilySamples())) {
            if (family.name.startsWith("kingcdn_redirector_")) {
                registered.put(family.name + (family.type == Collector.Type.COUNTER ? "_total" : ""), family);
            }
        }
        return registered;
    }

    private static boolean isCollector(JavaClass type) {
        return type.getPackageName().equals(SimpleCollector.class.getPackageName())
                && SimpleCollector.class.isAssignableFrom(type.reflect());
    }

    private static Stream<MatchResult> metricRows() throws IOException {
        return Pattern.compile("(?m)^\\| `(kingcdn_redirector_\\w+)` \\| (counter|gauge|histogram) \\| ([^|]*)\\|")
                .matcher(page("metrics.md"))
                .results();
    }

    @Test
    void metricsPageListsEveryMetric() throws Exception {
        Map<String, String> documented = metricRows()
                .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2), (a, b) -> a, TreeMap::new));
        Map<String, String> registered = new TreeMap<>();
        metrics()
                .forEach((name, family) ->
                        registered.put(name, family.type.name().toLowerCase(Locale.ROOT)));
        assertThat(documented).isEqualTo(registered);
    }

    @Test
    void metricsPageListsEveryLabelAndItsValues() throws Exception {
        Map<String, Collector.MetricFamilySamples> registered = metrics();
        metricRows().forEach(row -> {
            Collector.MetricFamilySamples family = Objects.requireNonNull(registered.get(row.group(1)));
            for (Collector.MetricFamilySamples.Sample sample : family.samples) {
                for (int i = 0; i < sample.labelNames.size(); i++) {
                    String label = sample.labelNames.get(i);
                    if (!label.equals("le")) {
                        assertThat(row.group(3)).as(row.group(1)).contains("`" + label + "`");
                    }
                    if (row.group(3).contains("`" + label + "`:")) {
                        assertThat(row.group(3)).as(row.group(1)).contains(sample.labelValues.get(i));
                    }
                }
            }
        });
    }

    @Test
    void configurationPageListsEverySettingWithItsDefault() throws Exception {
        Map<String, String> documented = new TreeMap<>();
        Matcher row = Pattern.compile("(?m)^\\| `(kingcdn\\.redirector\\.[a-z.-]+)` \\| ([^|]*)\\|")
                .matcher(page("configuration.md"));
        while (row.find()) {
            documented.put(row.group(1), row.group(2).replaceAll("[` ]", ""));
        }
        Map<String, String> defaults = new TreeMap<>();
        addSettings(defaults, "kingcdn.redirector", RedirectorProperties.class);
        assertThat(documented).isEqualTo(defaults);
    }

    private static void addSettings(Map<String, String> defaults, String prefix, Class<?> type)
            throws NoSuchMethodException {
        RecordComponent[] components = type.getRecordComponents();
        // where the annotations are
        Parameter[] parameters = type.getDeclaredConstructor(
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new))
                .getParameters();
        for (int i = 0; i < components.length; i++) {
            String key = prefix + "."
                    + components[i].getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (components[i].getType().isRecord()) {
                addSettings(defaults, key, components[i].getType());
            } else {
                DefaultValue value = parameters[i].getAnnotation(DefaultValue.class);
                defaults.put(key, value == null ? "" : String.join(",", value.value()));
            }
        }
    }
}
