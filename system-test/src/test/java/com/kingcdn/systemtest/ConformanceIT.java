package com.kingcdn.systemtest;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.control.ControlJson;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public conformance suite for HTTP caches, in its npm package, against one edge alone: what passed once may not fail again.
 *
 * <p>{@code passing.txt} lists the tests that pass. One that fails is run once more by itself before it counts, since the suite measures
 * with pauses of seconds. One that passes and is not listed is printed: add it.
 */
class ConformanceIT {

    private static final Logger LOG = LoggerFactory.getLogger(ConformanceIT.class);

    private static final String PACKAGE = "http-cache-tests@0.4.5";
    private static final Path RESOURCES = Path.of("src", "test", "resources", "conformance");
    private static final Duration START = Duration.ofMinutes(2);
    private static final long MOST_MINUTES = 8;

    @TempDir
    Path directory;

    private final List<ServiceProcess> processes = new ArrayList<>();
    private final Loopback loopback = new Loopback();
    private int contentPort;

    /** What the suite says of a run. */
    private record Results(List<String> passed, Map<String, String> failed) {}

    @BeforeEach
    void startOriginAndEdge() throws Exception {
        Files.createDirectories(directory.resolve("npm"));
        run(
                "npm",
                "install",
                "--prefix",
                directory.resolve("npm").toString(),
                "--no-audit",
                "--no-fund",
                "--no-save",
                PACKAGE);
        int originPort = loopback.port("127.0.0.1");
        contentPort = loopback.port("127.0.0.1");
        start(
                "suite-origin",
                List.of(
                        "env",
                        "npm_config_protocol=http",
                        "npm_config_port=" + originPort,
                        "npm_config_pidfile=" + directory.resolve("origin.pid"),
                        "node",
                        suite().resolve("server/server.mjs").toString()));
        start("suite-edge", edge(originPort, loopback.port("127.0.0.1")));
        await("the edge before the suite's origin")
                .atMost(START)
                .pollInterval(Duration.ofMillis(200))
                .until(this::answers);
    }

    @AfterEach
    void stop() throws Exception {
        for (ServiceProcess process : processes) {
            process.stop();
        }
    }

    @Test
    void whatPassedOnceStillPasses() throws Exception {
        Set<String> expected = Files.readAllLines(RESOURCES.resolve("passing.txt")).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .collect(toCollection(TreeSet::new));

        Results first = runSuite(Set.of());
        Set<String> missing = new TreeSet<>(expected);
        first.passed.forEach(missing::remove);
        Map<String, String> failed = new TreeMap<>();
        if (!missing.isEmpty()) {
            LOG.warn("run once more by themselves: {}", missing);
            Results second = runSuite(missing);
            missing.forEach(id -> failed.put(id, String.valueOf(second.failed.get(id))));
            second.passed.forEach(failed::remove);
        }

        Set<String> news = new TreeSet<>(first.passed);
        news.removeAll(expected);
        if (!news.isEmpty()) {
            LOG.info("newly passing, to be added to {}: {}", RESOURCES.resolve("passing.txt"), news);
        }
        LOG.info(
                "conformance suite: {} tests pass of {}",
                first.passed.size(),
                first.passed.size() + first.failed.size());
        assertThat(failed).as("tests of %s that once passed", PACKAGE).isEmpty();
    }

    private Results runSuite(Set<String> ids) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "node",
                "--no-warnings",
                RESOURCES.resolve("run.mjs").toString(),
                suite().toString(),
                "http://127.0.0.1:" + contentPort));
        command.addAll(ids);
        String printed = run(command.toArray(String[]::new));
        // errors of single tests stand before the results
        String json = printed.strip().lines().reduce("", (before, line) -> line);
        return ControlJson.mapper().readValue(json, Results.class);
    }

    private Path suite() {
        return directory.resolve("npm/node_modules/http-cache-tests");
    }

    private boolean answers() {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create("http://127.0.0.1:" + contentPort + "/package.json")
                            .toURL()
                            .openConnection();
            connection.setConnectTimeout(1000);
            connection.setReadTimeout(5000);
            // 502 while the origin does not listen
            return connection.getResponseCode() < 500;
        } catch (IOException e) {
            return false; // not yet
        }
    }

    private void start(String name, List<String> command) throws IOException {
        ServiceProcess process = new ServiceProcess(name, command, LocalCdn.log(name));
        processes.add(process);
        process.start();
    }

    private List<String> edge(int originPort, int managementPort) throws IOException, InterruptedException {
        List<String> command = ServiceJar.java(ServiceJar.unpacked("edge-server"), "192m");
        command.addAll(List.of(
                "--server.port=" + managementPort,
                "--kingcdn.edge.listen=127.0.0.1:" + contentPort,
                "--kingcdn.edge.origin=http://127.0.0.1:" + originPort,
                "--kingcdn.edge.memory=64MB"));
        return command;
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException("not ended after " + MOST_MINUTES + " minutes: " + String.join(" ", command));
        }
        assertThat(process.exitValue()).as(printed).isZero();
        return printed;
    }
}
