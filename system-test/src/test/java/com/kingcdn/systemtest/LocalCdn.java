package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.geo.DemoGeoDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/**
 * A whole CDN on loopback addresses of its own: origin, one redirector, and the single-node clusters {@code nyc}, {@code fra} and
 * {@code sin}, each the real jar in a process. Everything ends with {@link #close}.
 */
final class LocalCdn implements AutoCloseable {

    static final String HOST = "video.netcinema.example";
    static final String EDGE_HOSTNAME = "a1105.kingcdn.example";
    static final String TITLE = "/6Y7B23V";
    static final List<String> CLUSTERS = List.of("nyc", "fra", "sin");

    /** A prefix of the demo database near each cluster. */
    private static final Map<String, String> SUBNETS =
            Map.of("nyc", "8.8.8.0/24", "fra", "130.83.0.0/16", "sin", "133.11.0.0/16");

    /** In a round of each edge to each target. */
    static final int PROBES = 6;

    /** Twenty seconds where nothing else runs. */
    private static final Duration START = Duration.ofMinutes(3);

    /** Outlives the run, since a failure is often explained by a log. */
    private static final Path LOGS = emptyLogs();

    private final Path directory;
    private final CdnFiles files;
    private final String control;
    private final Map<String, String> edges = new LinkedHashMap<>();
    private final Map<String, ServiceProcess> processes = new LinkedHashMap<>();
    private final Map<String, Integer> checkedLines = new HashMap<>();
    private final int dnsPort;
    private final int dohPort;
    private final int apiPort;
    private final int originPort;
    private final int contentPort;
    private final int managementPort;
    private final int probedPort;
    private final Loopback loopback = new Loopback();

    /** Writes its files and starts its processes; ready after {@link #awaitReady}. */
    LocalCdn() throws IOException, InterruptedException {
        directory = Files.createTempDirectory("kingcdn");
        control = loopback.address(1);
        for (int i = 0; i < CLUSTERS.size(); i++) {
            edges.put(CLUSTERS.get(i), loopback.address(i + 2));
        }
        String[] addresses = edges.values().toArray(String[]::new);
        dnsPort = loopback.port(control);
        dohPort = loopback.port(control);
        apiPort = loopback.port(control);
        originPort = loopback.port(control);
        contentPort = loopback.port(addresses);
        managementPort = loopback.port(addresses);
        probedPort = loopback.port(loopback.address(101), loopback.address(102), loopback.address(103));
        files = new CdnFiles(directory, origin(), control, contentPort, edges);
        files.write();
        DemoGeoDatabase.write(directory.resolve("demo.mmdb"));
        try {
            startAll();
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private static Path emptyLogs() {
        Path logs = OwnDirectory.of("system-test-logs");
        try {
            FileSystemUtils.deleteRecursively(logs);
            return Files.createDirectories(logs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void startAll() throws IOException, InterruptedException {
        start("origin", ServiceJar.packed("origin"), "96m", originArguments());
        start("redirector", ServiceJar.packed("dns-redirector"), "192m", redirectorArguments());
        Path edge = ServiceJar.packed("edge-server");
        for (String cluster : CLUSTERS) {
            start(cluster, edge, "128m", edgeArguments(cluster));
            edge = ServiceJar.unpacked("edge-server");
        }
    }

    private List<String> originArguments() {
        return List.of(
                "--server.address=" + control,
                "--server.port=" + originPort,
                "--kingcdn.origin.store=" + directory.resolve("origin"),
                "--kingcdn.origin.token-file=" + files.originToken(),
                "--kingcdn.origin.demo-title=true");
    }

    private List<String> redirectorArguments() {
        return List.of(
                "--server.address=" + control,
                "--server.port=" + apiPort,
                "--kingcdn.redirector.listen=" + control + ":" + dnsPort,
                "--kingcdn.redirector.doh.listen=" + control + ":" + dohPort,
                "--kingcdn.redirector.config=" + files.yaml(),
                "--kingcdn.redirector.state=" + directory.resolve("redirector"),
                "--kingcdn.redirector.admin-token-file=" + files.adminToken(),
                "--kingcdn.redirector.edge-token-file=" + files.edgeToken(),
                "--kingcdn.redirector.reader-token-file=" + files.readerToken(),
                // short, so that a test can wait until what was measured is forgotten
                "--kingcdn.redirector.rtt.half-life=3s",
                "--kingcdn.redirector.geo=" + directory.resolve("demo.mmdb"));
    }

    private List<String> edgeArguments(String cluster) {
        return List.of(
                "--server.address=" + edge(cluster),
                "--server.port=" + managementPort,
                "--kingcdn.edge.listen=" + edge(cluster) + ":" + contentPort,
                "--kingcdn.edge.node=" + cluster + "-1",
                "--kingcdn.edge.cluster=" + cluster,
                "--kingcdn.edge.control.url=http://" + control + ":" + apiPort,
                "--kingcdn.edge.control.token-file=" + files.edgeToken(),
                "--kingcdn.edge.state=" + directory.resolve("state-" + cluster),
                "--kingcdn.edge.memory=64MB",
                "--kingcdn.edge.disk.directory=" + directory.resolve("disk-" + cluster),
                "--kingcdn.edge.disk.size=1GB",
                "--kingcdn.edge.probe.local-targets=true",
                "--kingcdn.edge.probe.source=" + edge(cluster),
                "--kingcdn.edge.probe.methods=dns",
                "--kingcdn.edge.probe.dns-port=" + probedPort,
                "--kingcdn.edge.probe.period=4s",
                "--kingcdn.edge.probe.probes=" + PROBES,
                "--kingcdn.edge.probe.timeout=1s",
                "--kingcdn.edge.probe.refresh=1s",
                "--kingcdn.edge.probe.passive-interval=0s");
    }

    private void start(String name, Path jar, String heap, List<String> arguments) throws IOException {
        List<String> command = ServiceJar.java(jar, heap);
        command.addAll(arguments);
        ServiceProcess process = new ServiceProcess(name, command, LOGS.resolve(name + ".log"));
        processes.put(name, process);
        process.start();
    }

    /** Where a process that is not of this CDN logs to. */
    static Path log(String name) {
        return LOGS.resolve(name + ".log");
    }

    /** Waits until origin and API are ready, each edge serves the title, and the redirector sends each subnet to its cluster. */
    void awaitReady() {
        await("the CDN").atMost(START).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> {
            failIfSomeEnded();
            assertThat(Curl.get(origin() + "/actuator/health/readiness").status())
                    .as("origin")
                    .isEqualTo(200);
            assertThat(Curl.get(api() + "/actuator/health/readiness").status())
                    .as("redirector")
                    .isEqualTo(200);
            for (String cluster : CLUSTERS) {
                assertThat(Curl.get(content(cluster, TITLE, "-r", "0-0", "-H", "Cache-Control: no-store"))
                                .status())
                        .as(cluster)
                        .isEqualTo(206);
                Dig.Answer answer = Dig.query(this, HOST, "+subnet=" + subnet(cluster));
                assertThat(answer.data("A")).as(answer.printed()).containsExactly(edge(cluster));
            }
        });
    }

    private void failIfSomeEnded() throws IOException {
        for (ServiceProcess process : processes.values()) {
            if (!process.isAlive()) {
                throw new IllegalStateException(process.name() + " has ended:\n" + process.logTail());
            }
        }
    }

    /** Starts whatever a test has left killed, and waits. */
    void heal() throws IOException {
        for (ServiceProcess process : processes.values()) {
            if (!process.isAlive()) {
                process.start();
            }
        }
        awaitReady();
    }

    void kill9(String name) throws InterruptedException {
        process(name).kill9();
    }

    /** Starts a process that was killed. */
    void restart(String name) throws IOException {
        process(name).start();
    }

    ServiceProcess process(String name) {
        return Objects.requireNonNull(processes.get(name), name);
    }

    Stream<ServiceProcess> processes() {
        return processes.values().stream();
    }

    /** A client prefix near a cluster. */
    static String subnet(String cluster) {
        return Objects.requireNonNull(SUBNETS.get(cluster), cluster);
    }

    /** The address of the redirector and the origin. */
    String control() {
        return control;
    }

    /** An address of this CDN's own network, such as a resolver's; from 100 on they are free. */
    String address(int host) {
        return loopback.address(host);
    }

    /** Where edges probe resolvers, instead of port 53. */
    int probedPort() {
        return probedPort;
    }

    String edge(String cluster) {
        return Objects.requireNonNull(edges.get(cluster), cluster);
    }

    int dnsPort() {
        return dnsPort;
    }

    int contentPort() {
        return contentPort;
    }

    int originPort() {
        return originPort;
    }

    CdnFiles files() {
        return files;
    }

    String origin() {
        return "http://" + control + ":" + originPort;
    }

    String api() {
        return "http://" + control + ":" + apiPort;
    }

    String management(String cluster) {
        return "http://" + edge(cluster) + ":" + managementPort;
    }

    /** The control API with the operators' token. */
    ControlApi controlApi() throws IOException {
        return new ControlApi(api() + "/v1", Files.readString(files.adminToken()));
    }

    /** The URL of content as clients name it. */
    String url(String path) {
        return "http://" + HOST + ":" + contentPort + path;
    }

    /** curl's arguments for content at one cluster. */
    String[] content(String cluster, String path, String... more) {
        return Stream.concat(
                        Stream.of(url(path), "--resolve", HOST + ":" + contentPort + ":" + edge(cluster)),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    /** curl's arguments for content by the redirector's word, over DNS over HTTPS. */
    String[] contentByDns(String path, String... more) {
        return Stream.concat(
                        Stream.of(
                                url(path),
                                "--doh-url",
                                "https://" + control + ":" + dohPort + "/dns-query",
                                "--doh-insecure"),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    /** Puts content into the origin. */
    void store(String path, byte[] body) throws IOException, InterruptedException {
        Path file = Files.write(directory.resolve("upload"), body);
        Curl.Response response = Curl.get(
                "-T",
                file.toString(),
                "-H",
                "Authorization: Bearer " + Files.readString(files.originToken()),
                origin() + "/content" + path);
        assertThat(response.status()).as(response.text()).isIn(200, 201, 204);
    }

    /** The sum of a metric's series whose line contains all these words. */
    static double metric(String base, String name, String... words) throws IOException, InterruptedException {
        return Curl.get(base + "/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> Stream.of(words).allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    double originRequests() throws IOException, InterruptedException {
        return metric(origin(), "kingcdn_origin_requests_total");
    }

    double originSentBytes() throws IOException, InterruptedException {
        return metric(origin(), "kingcdn_origin_sent_bytes_total");
    }

    /** Ends every process, and removes all files but the logs. */
    @Override
    public void close() {
        boolean interrupted = false;
        for (ServiceProcess process : processes.values()) {
            try {
                process.kill9();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new IllegalStateException("cannot remove " + directory, e);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What no log should have, of what was logged since the last call: stack traces, and buffers that were not released. */
    List<String> suspiciousLogLines() throws IOException {
        List<String> suspicious = new ArrayList<>();
        for (ServiceProcess process : processes.values()) {
            List<String> lines = process.logged().lines().toList();
            lines.stream()
                    .skip(Objects.requireNonNullElse(checkedLines.put(process.name(), lines.size()), 0))
                    .filter(line -> line.startsWith("\tat ") || line.contains("LEAK: "))
                    .limit(5)
                    .forEach(line -> suspicious.add(process.name() + ": " + line));
        }
        return suspicious;
    }
}
