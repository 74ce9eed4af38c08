package com.kingcdn.systemtest;

import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import tools.jackson.databind.JsonNode;

/** A redirector's process with clusters that have no edges, for tests that only ask and report. */
final class LoneRedirector implements AutoCloseable {

    private static final String NAME = "a1105.kingcdn.example.";
    static final String ADMIN = "admin-token-0123456789abcdef";
    private static final String EDGE = "edge-token-0123456789abcdef";
    private static final Duration START = Duration.ofSeconds(90);
    private static final int OPT_CLIENT_SUBNET = 8;

    private final Path directory;
    private final ServiceProcess process;
    private final InetSocketAddress dns;
    private final URI api;

    /**
     * Writes its files.
     *
     * @param clusters how many, each of one node
     * @param health of the clusters: reported or assumed
     * @param java what starts its jar
     * @param settings more of them, as arguments
     */
    LoneRedirector(Path directory, int clusters, String health, List<String> java, String... settings)
            throws IOException {
        this(directory, clusters(clusters, health), java, settings);
    }

    /** Writes its files, with these clusters in YAML. */
    LoneRedirector(Path directory, String clusters, List<String> java, String... settings) throws IOException {
        this.directory = Files.createDirectories(directory);
        Loopback loopback = new Loopback();
        String address = loopback.address(1);
        dns = new InetSocketAddress(address, loopback.port(address));
        int port = loopback.port(address);
        api = URI.create("http://" + address + ":" + port);
        writeFiles(clusters);
        List<String> command = new ArrayList<>(java);
        command.addAll(List.of(
                "--server.address=" + address,
                "--server.port=" + port,
                "--kingcdn.redirector.listen=" + address + ":" + dns.getPort(),
                "--kingcdn.redirector.config=" + directory.resolve("cdn.yaml"),
                "--kingcdn.redirector.state=" + directory.resolve("state"),
                "--kingcdn.redirector.admin-token-file=" + directory.resolve("admin"),
                "--kingcdn.redirector.edge-token-file=" + directory.resolve("edge")));
        command.addAll(List.of(settings));
        process = new ServiceProcess("redirector", command, directory.resolve("redirector.log"));
    }

    private static String clusters(int clusters, String health) {
        StringBuilder yaml = new StringBuilder();
        for (int i = 0; i < clusters; i++) {
            yaml.append(
                    "  - {id: c%d, place: {latitude: %d, longitude: %d}, health: %s, nodes: [{id: c%d-1, ipv4: 127.1.%d.%d}]}\n"
                            .formatted(i, i * 37 % 140 - 70, i * 101 % 360 - 180, health, i, i / 200, i % 200 + 1));
        }
        return yaml.toString();
    }

    private void writeFiles(String clusters) throws IOException {
        Files.writeString(directory.resolve("admin"), ADMIN);
        Files.writeString(directory.resolve("edge"), EDGE);
        Files.writeString(
                directory.resolve("kingcdn.example.zone"),
                "$TTL 3600\n@ IN SOA ns1 hostmaster 1 7200 900 1209600 60\n  IN NS ns1\nns1 IN A 127.0.0.1\n");
        String yaml =
                """
                zones:
                  - {name: kingcdn.example, file: kingcdn.example.zone, cdn: true}
                distributions:
                  - id: a1105
                    hosts: [video.netcinema.example]
                    origins: [{url: "http://127.0.0.1:1"}]
                clusters:
                """;
        Files.writeString(directory.resolve("cdn.yaml"), yaml + clusters);
    }

    void start() throws IOException {
        process.start();
    }

    /** Waits until it is ready to answer. */
    void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START.toNanos();
        ControlApi management = new ControlApi(api.toString(), ADMIN);
        while (true) {
            try {
                if (management.get("/actuator/health/readiness").status() == 200) {
                    return;
                }
            } catch (IOException e) {
                if (!process.isAlive()) {
                    throw new IOException("the redirector has ended:\n" + process.logTail(), e);
                }
            }
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "the redirector was not ready within " + START.toSeconds() + " s:\n" + process.logTail());
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    ServiceProcess process() {
        return process;
    }

    InetSocketAddress dns() {
        return dns;
    }

    URI api() {
        return api;
    }

    /** The file with the token that edges report with. */
    Path edgeToken() {
        return directory.resolve("edge");
    }

    /** The metric's value, 0 when there is none. */
    double metric(String name) throws IOException, InterruptedException {
        return Curl.get(api + "/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** The decision for a client of that prefix. */
    JsonNode explain(IpPrefix client) throws IOException, InterruptedException {
        return new ControlApi(api + "/v1", ADMIN)
                .get("/explain?name=a1105.kingcdn.example&ecs=" + client)
                .body();
    }

    /** The same question each time: where the edge hostname is. */
    static IntFunction<byte[]> question() {
        byte[] query = message();
        return number -> query;
    }

    /** That question for the clients of prefixes, in turn; all of them /24. The array is the same each time. */
    static IntFunction<byte[]> question(List<IpPrefix> clients) {
        byte[] question = message();
        byte[] option = {0, 0, 41, 4, (byte) 208, 0, 0, 0, 0, 0, 11, 0, OPT_CLIENT_SUBNET, 0, 7, 0, 1, 24, 0, 0, 0, 0};
        byte[] query = new byte[question.length + option.length];
        System.arraycopy(question, 0, query, 0, question.length);
        System.arraycopy(option, 0, query, question.length, option.length);
        query[11] = 1;
        return number -> {
            byte[] address =
                    clients.get(Math.floorMod(number * 7919, clients.size())).address();
            System.arraycopy(address, 0, query, query.length - 3, 3);
            return query;
        };
    }

    private static byte[] message() {
        Message query = new Message(0);
        query.addRecord(Record.newRecord(Name.fromConstantString(NAME), Type.A, DClass.IN), Section.QUESTION);
        return query.toWire();
    }

    @Override
    public void close() throws IOException {
        try {
            process.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
