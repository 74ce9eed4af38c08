package com.kingcdn.systemtest.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart's alerting rules: valid, fire when they should and not else, and on the page that says what to do. */
class AlertsTest {

    private static final Path RULES = Chart.FILES.resolve("rules/kingcdn.yaml");

    @TempDir
    Path directory;

    /** By Prometheus' own tool, from the series in alerts-test.yaml: nothing wrong, all wrong, nothing there. */
    @Test
    void fireWhenTheyShould() throws Exception {
        Files.copy(RULES, directory.resolve("kingcdn.yaml"));
        Path tests = directory.resolve("alerts-test.yaml");
        try (var file = Objects.requireNonNull(AlertsTest.class.getResourceAsStream("alerts-test.yaml"))) {
            Files.copy(file, tests);
        }
        Path output = directory.resolve("output");
        Process promtool = new ProcessBuilder("promtool", "test", "rules", tests.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();

        assertThat(promtool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(promtool.exitValue()).as(Files.readString(output)).isZero();
        assertThat(Files.readString(tests)).contains(rules().keySet());
    }

    @Test
    void useOnlyWhatTheServicesExport() throws IOException {
        Set<String> used = new HashSet<>();
        Pattern.compile("\\bkingcdn_\\w+")
                .matcher(Files.readString(RULES))
                .results()
                .map(MatchResult::group)
                .forEach(used::add);

        assertThat(used).isNotEmpty();
        assertThat(Documentation.series()).containsAll(used);
    }

    @Test
    void areOnTheirPage() throws IOException {
        Map<String, String> listed = new TreeMap<>();
        Matcher row = Pattern.compile("(?m)^\\| `(\\w+)` \\| (\\w+) \\|")
                .matcher(Files.readString(Path.of("../docs/alerts.md")));
        while (row.find()) {
            listed.put(row.group(1), row.group(2));
        }

        assertThat(listed).isEqualTo(rules());
    }

    /** Each alert with its severity. */
    private static Map<String, String> rules() throws IOException {
        Map<String, String> rules = new TreeMap<>();
        JsonNode file = new JsonMapper()
                .valueToTree(
                        Manifests.documents(Files.readString(RULES)).iterator().next());
        for (JsonNode group : file.get("groups")) {
            for (JsonNode rule : group.get("rules")) {
                assertThat(rule.at("/annotations/summary").asString()).isNotBlank();
                rules.put(
                        rule.get("alert").asString(),
                        rule.at("/labels/severity").asString());
            }
        }
        return rules;
    }
}
