package com.kingcdn.redirector.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.CacheSettings;
import com.kingcdn.topology.CorsSettings;
import com.kingcdn.topology.DeliverySettings;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.HeaderSettings;
import com.kingcdn.topology.QuerySettings;
import com.kingcdn.topology.RequestDirectives;
import com.kingcdn.topology.UpstreamSettings;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/configuration.md shows as a configuration file is one, and its table of rules has each key there is. */
final class ConfigFileDocumentationTest {

    @TempDir
    Path directory;

    private static String page() throws IOException {
        return Files.readString(Path.of("../docs/configuration.md"));
    }

    /** The page's example that begins with that line. */
    private static String example(String first) throws IOException {
        String page = page();
        int start = page.indexOf("```yaml\n" + first);
        assertThat(start).as(first).isPositive();
        return page.substring(page.indexOf('\n', start) + 1, page.indexOf("```", start + 3));
    }

    private ConfigFile parse(String yaml) {
        return new ConfigFileReader(zone -> {}).parse(directory.resolve("cdn.yaml"), yaml, file -> "");
    }

    @Test
    void theWholeExampleIsTaken() throws IOException {
        ConfigFile file = parse(example("zones:"));
        Configuration configuration =
                Configuration.merge(file, new Configuration.Additions(List.of(), List.of(), Set.of()));
        assertThat(configuration.clusters()).hasSize(3);
        assertThat(configuration.probe().optOut()).hasSize(1);
    }

    @Test
    void theExampleOfOtherNameServersIsTaken() throws IOException {
        Files.createDirectory(directory.resolve("secrets"));
        Files.writeString(directory.resolve("secrets/xfr.key"), "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
        ConfigFile file = parse(example("keys:"));
        Configuration configuration =
                Configuration.merge(file, new Configuration.Additions(List.of(), List.of(), Set.of()));
        assertThat(configuration.secondaries()).hasSize(1);
    }

    @Test
    void theExampleOfLimitsIsTaken() throws IOException {
        String limits = example("    limits:");
        Distribution distribution = parse(
                        "distributions:\n  - id: a1105\n    origins: [{url: \"http://127.0.0.1:8600\"}]\n" + limits)
                .distributions()
                .get(0);
        assertThat(distribution.limits()).isNotNull();
    }

    @Test
    void theExampleOfRulesMeansWhatItSays() throws IOException {
        Distribution distribution =
                parse(example("distributions:")).distributions().get(0);

        assertThat(distribution.cache())
                .isEqualTo(new CacheSettings(
                        Duration.ofMinutes(10),
                        Duration.ofDays(7),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        null,
                        null,
                        RequestDirectives.HONOUR,
                        null,
                        null));
        assertThat(distribution.query())
                .isEqualTo(new QuerySettings(QuerySettings.Mode.DENY, List.of("utm_*", "fbclid"), true));
        assertThat(distribution.headers()).isNotNull();
        assertThat(distribution.headers().toClient().set()).containsEntry("x-frame-options", "DENY");
        assertThat(distribution.delivery()).isNotNull();
        assertThat(distribution.delivery().cors()).isNotNull();
    }

    @Test
    void theTableOfRulesHasEachKey() throws IOException {
        Set<String> documented = new TreeSet<>();
        Matcher row = Pattern.compile("(?m)^\\| (`(?:cache|query|headers|delivery|upstream)\\.[^|]+) \\|")
                .matcher(page());
        while (row.find()) {
            String first = "";
            Matcher key = Pattern.compile("`([a-zA-Z.]+)`").matcher(row.group(1));
            while (key.find()) {
                first = key.group(1).startsWith(".")
                        ? first.substring(0, first.lastIndexOf('.')) + key.group(1)
                        : key.group(1);
                documented.add(first);
            }
        }
        Set<String> keys = new TreeSet<>();
        Map.of(
                        "cache", CacheSettings.class,
                        "query", QuerySettings.class,
                        "headers", HeaderSettings.class,
                        "delivery", DeliverySettings.class,
                        "upstream", UpstreamSettings.class)
                .forEach((group, type) -> addKeys(keys, group, type));
        assertThat(documented).isEqualTo(keys);
    }

    private static void addKeys(Set<String> keys, String prefix, Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key = prefix + "." + component.getName();
            if (component.getType() == CorsSettings.class) {
                // the row names what may stand beside it
                keys.add(key + ".origins");
            } else if (component.getType().isRecord() && !prefix.equals("headers")) {
                addKeys(keys, key, component.getType());
            } else {
                keys.add(key);
            }
        }
    }
}
