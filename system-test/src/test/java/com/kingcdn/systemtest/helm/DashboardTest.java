package com.kingcdn.systemtest.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DashboardTest {

    private static final Path DASHBOARD = Path.of("../helm/kingcdn/dashboards/kingcdn.json");

    private static final Pattern SERIES = Pattern.compile("\\b(?:kingcdn|jvm|process)_\\w+");

    private static final Pattern JVM = Pattern.compile("(jvm|process)_\\w+");

    private final JsonNode dashboard = read();

    @Test
    void expressionsUseOnlyWhatTheServicesExport() throws IOException {
        Set<String> exported = Documentation.series();
        Set<String> used = new HashSet<>();
        for (String expression : expressions()) {
            List<String> named =
                    SERIES.matcher(expression).results().map(MatchResult::group).toList();
            assertThat(named).as("metrics in %s", expression).isNotEmpty();
            used.addAll(named);
        }
        used.removeIf(name -> JVM.matcher(name).matches());
        assertThat(exported).containsAll(used);
    }

    @Test
    void showsTrafficHitRatioDnsAndHealth_andSaysWhatEachPanelMeans() {
        List<String> rows = new ArrayList<>();
        for (JsonNode panel : dashboard.get("panels")) {
            if (panel.get("type").stringValue().equals("row")) {
                rows.add(panel.get("title").stringValue());
            } else {
                assertThat(panel.get("targets")).isNotEmpty();
                String title = panel.get("title").asString();
                assertThat(panel.get("description").asString()).as(title).hasSizeGreaterThan(20);
                assertThat(panel.at("/fieldConfig/defaults/unit").asString())
                        .as(title)
                        .isNotBlank();
            }
        }
        assertThat(rows).containsExactly("Traffic", "Hit ratio", "DNS", "Health");
    }

    @Test
    void panelsHaveIdentifiersOfTheirOwnAndDoNotOverlap() {
        Set<Integer> ids = new HashSet<>();
        Set<List<Integer>> cells = new HashSet<>();
        for (JsonNode panel : dashboard.get("panels")) {
            assertThat(ids.add(panel.get("id").intValue())).isTrue();
            JsonNode place = panel.get("gridPos");
            int x = place.get("x").intValue();
            int y = place.get("y").intValue();
            for (int column = x; column < x + place.get("w").intValue(); column++) {
                for (int line = y; line < y + place.get("h").intValue(); line++) {
                    assertThat(column).isLessThan(24);
                    assertThat(cells.add(List.of(column, line)))
                            .as(panel.get("title").stringValue())
                            .isTrue();
                }
            }
        }
    }

    private List<String> expressions() {
        List<String> expressions = new ArrayList<>();
        for (JsonNode panel : dashboard.get("panels")) {
            if (panel.has("targets")) {
                panel.get("targets")
                        .forEach(target -> expressions.add(target.get("expr").stringValue()));
            }
        }
        assertThat(expressions).isNotEmpty();
        return expressions;
    }

    private static JsonNode read() {
        try {
            return new JsonMapper().readTree(Files.readString(DASHBOARD));
        } catch (IOException e) {
            throw new AssertionError("the dashboard cannot be read", e);
        }
    }
}
