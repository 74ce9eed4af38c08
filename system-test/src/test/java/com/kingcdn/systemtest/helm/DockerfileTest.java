package com.kingcdn.systemtest.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DockerfileTest {

    @Test
    void anImageRunsAsNobodyAndHoldsLayersOfTheJarOnly() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("..", "manifests", "Dockerfile"));

        assertThat(lines).contains("USER 10001:10001", "COPY target/*-app.jar app.jar");
        assertThat(lines.indexOf("USER 10001:10001")).isGreaterThan(lines.lastIndexOf("FROM ${JRE}"));
        assertThat(lines)
                .filteredOn(line -> line.startsWith("COPY") && !line.startsWith("COPY target/"))
                .hasSize(4)
                .allMatch(line -> line.startsWith("COPY --from=layers /layers/extracted/"));
        assertThat(lines).noneMatch(line -> line.startsWith("ENV") || line.startsWith("ADD"));
    }

    @Test
    void whatThePageHasOneTypeBuildsTheImageThatTheChartAsksFor() throws IOException {
        String tag = Files.readAllLines(Chart.FILES.resolve("Chart.yaml")).stream()
                .filter(line -> line.startsWith("appVersion: "))
                .map(line -> line.substring("appVersion: ".length()))
                .findFirst()
                .orElseThrow();

        for (String page : List.of("../docs/configuration.md", "../manifests/Dockerfile")) {
            assertThat(Path.of(page))
                    .content()
                    .contains("docker build -f manifests/Dockerfile -t kingcdn/edge-server:" + tag + " edge-server");
        }
    }
}
