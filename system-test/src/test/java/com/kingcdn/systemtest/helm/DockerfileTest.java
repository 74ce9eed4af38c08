package com.kingcdn.systemtest.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerfileTest {

    @ParameterizedTest
    @ValueSource(strings = {"edge-server", "dns-redirector", "origin"})
    void theImageRunsAsNobodyAndHoldsLayersOfTheJarOnly(String service) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("..", service, "Dockerfile"));

        assertThat(lines).contains("USER 10001:10001", "COPY target/" + service + "-*-app.jar app.jar");
        assertThat(lines.indexOf("USER 10001:10001")).isGreaterThan(lines.lastIndexOf("FROM ${JRE}"));
        assertThat(lines)
                .filteredOn(line -> line.startsWith("COPY") && !line.startsWith("COPY target/"))
                .hasSize(4)
                .allMatch(line -> line.startsWith("COPY --from=layers /layers/extracted/"));
        assertThat(lines).noneMatch(line -> line.startsWith("ENV") || line.startsWith("ADD"));
    }
}
