package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./kingcdn edge}: one edge alone, which rehearses once where Java can learn from that (25 and newer). */
class LauncherEdgeIT {

    @TempDir
    Path state;

    @Test
    void theSecondStartUsesWhatTheFirstHasLearnt() throws Exception {
        Launcher launcher = new Launcher(Map.of("KINGCDN_STATE", state.toString(), "KINGCDN_REHEARSE", "yes"));
        Run first = run(launcher);
        Run second = run(launcher);

        boolean canLearn = first.printed().contains("Rehearsing once");
        assertThat(first.command().contains("-XX:AOTCache=")).isEqualTo(canLearn);
        assertThat(second.command().contains("-XX:AOTCache=")).isEqualTo(canLearn);
        assertThat(second.printed()).doesNotContain("Rehearsing");
        assertThat(learnt()).isEqualTo(canLearn ? 1 : 0);
    }

    /** Java starts with no two collectors. */
    @Test
    void onOneProcessorTheCollectorIsTheParallelOne_unlessAnotherIsChosen() throws Exception {
        Path nproc = Files.writeString(state.resolve("nproc"), "#!/bin/sh\necho 1\n");
        assertThat(nproc.toFile().setExecutable(true)).isTrue();
        Map<String, String> one = new HashMap<>(Map.of(
                "KINGCDN_STATE", state.toString(),
                "KINGCDN_REHEARSE", "no",
                "KINGCDN_JAVA_OPTS", "",
                "JAVA_TOOL_OPTIONS", "",
                "JDK_JAVA_OPTIONS", "",
                "PATH", state + ":" + System.getenv("PATH")));
        assertThat(run(new Launcher(one)).command()).contains("-XX:+UseParallelGC");
        one.put("JAVA_TOOL_OPTIONS", "-XX:+UseSerialGC");
        assertThat(run(new Launcher(one)).command()).doesNotContain("-XX:+UseParallelGC");
    }

    private record Run(String command, String printed) {}

    private static Run run(Launcher launcher) throws Exception {
        int port = new Loopback().port("127.0.0.1");
        Process edge = launcher.start("edge", "--listen", "127.0.0.1:" + port, "--origin", "http://127.0.0.1:9");
        String command;
        try {
            await("the edge").atMost(Duration.ofMinutes(3)).until(() -> {
                assertThat(edge.isAlive()).as("the edge lives").isTrue();
                return Curl.get("http://127.0.0.1:" + port + "/").status() == 502;
            });
            command = String.join(" ", edge.info().arguments().orElseThrow());
        } finally {
            // by its handle: Process.destroy would close what it printed
            edge.toHandle().destroy();
            edge.onExit().join();
        }
        return new Run(command, new String(edge.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    private long learnt() throws IOException {
        try (Stream<Path> files = Files.list(state.resolve("app/edge-server"))) {
            return files.filter(file -> file.toString().endsWith(".aot")).count();
        }
    }
}
