package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A resolver behind which nothing but ICMP echo is answered, as with many firewalls, is measured by that, over both IPv4 and IPv6. It is a host of
 * a network of its own; redirector and edge are in the middle of that, where the edge's group may ask for echoes.
 */
@Timeout(180)
class EchoIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String RESOLVER = "80.90.1.53";
    private static final String RESOLVER_IPV6 = "2a01:4f8:1::53";
    private static final String TOKEN = "token-0123456789abcdef";

    private static final String YAML =
            """
            zones: [{name: kingcdn.example, file: kingcdn.zone, cdn: true}]
            distributions: [{id: a1105, hosts: [video.netcinema.example], origins: [{url: "http://127.0.0.1:8600"}]}]
            clusters: [{id: nyc, place: {latitude: 40.7, longitude: -74}, health: assumed, nodes: [{id: nyc-1, ipv4: 80.90.2.1}]}]
            probe: {resolvers: false, targets: [{address: %s}, {address: "%s"}]}
            """
                    .formatted(RESOLVER, RESOLVER_IPV6);

    @TempDir
    Path directory;

    private final List<ServiceProcess> processes = new ArrayList<>();
    private SeparateNetwork network;

    @BeforeEach
    void build() throws Exception {
        network = new SeparateNetwork("80.90.2.1/32", "2a01:4f8:2::1/128");
        network.add("resolver", RESOLVER + "/32", RESOLVER_IPV6 + "/128");
        // what it would answer, even that nobody listens, goes nowhere
        for (String protocol : List.of("udp", "tcp")) {
            for (String family : List.of("-4", "-6")) {
                network.run("resolver", "ip", family, "rule", "add", "pref", "10", "ipproto", protocol, "blackhole");
            }
        }
        network.run(SeparateNetwork.MIDDLE, "sh", "-c", "echo 0 0 >/proc/sys/net/ipv4/ping_group_range");
        Files.writeString(directory.resolve("cdn.yaml"), YAML);
        Files.writeString(directory.resolve("token"), TOKEN);
        Files.writeString(
                directory.resolve("kingcdn.zone"),
                "$TTL 3600\n@ SOA ns1 hostmaster 1 7200 900 1209600 60\n@ NS ns1\nns1 A 80.90.2.1\n");
    }

    @AfterEach
    void end() throws InterruptedException {
        for (ServiceProcess process : processes) {
            process.kill9();
        }
        if (network != null) {
            network.close();
        }
    }

    private ServiceProcess start(String name, String service, String... settings)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(network.in(SeparateNetwork.MIDDLE));
        command.addAll(ServiceJar.java(ServiceJar.unpacked(service), "160m"));
        command.addAll(List.of(settings));
        ServiceProcess process = new ServiceProcess(name, command, LocalCdn.log(name));
        processes.add(process);
        process.start();
        return process;
    }

    private String explained(String client) throws IOException, InterruptedException {
        return network.run(
                SeparateNetwork.MIDDLE,
                "curl",
                "--silent",
                "--show-error",
                "--retry-connrefused",
                "--retry",
                "30",
                "--header",
                "Authorization: Bearer " + TOKEN,
                "http://127.0.0.1:8500/v1/explain?name=a1105.kingcdn.example&ecs=" + client);
    }

    @Test
    void aResolverThatAnswersNothingButEchoesIsMeasuredByThem() throws Exception {
        start(
                "echo-redirector",
                "dns-redirector",
                "--server.address=127.0.0.1",
                "--server.port=8500",
                "--kingcdn.redirector.listen=127.0.0.1:53",
                "--kingcdn.redirector.threads=1",
                "--kingcdn.redirector.config=" + directory.resolve("cdn.yaml"),
                "--kingcdn.redirector.state=" + directory.resolve("redirector"),
                "--kingcdn.redirector.admin-token-file=" + directory.resolve("token"),
                "--kingcdn.redirector.edge-token-file=" + directory.resolve("token"));
        ServiceProcess edge = start(
                "echo-edge",
                "edge-server",
                "--spring.main.web-application-type=none",
                "--kingcdn.edge.listen=127.0.0.1:8080",
                "--kingcdn.edge.node=nyc-1",
                "--kingcdn.edge.cluster=nyc",
                "--kingcdn.edge.control.url=http://127.0.0.1:8500",
                "--kingcdn.edge.control.token-file=" + directory.resolve("token"),
                "--kingcdn.edge.state=" + directory.resolve("edge"),
                "--kingcdn.edge.memory=32MB",
                "--kingcdn.edge.probe.period=1s",
                "--kingcdn.edge.probe.timeout=300ms",
                "--kingcdn.edge.probe.refresh=1s");
        if (Runtime.version().feature() < 22) {
            await("one line says why it cannot").atMost(PATIENCE).until(() -> edge.logged()
                    .contains("no probes by ICMP echo: only Java 22"));
            return;
        }
        for (String client : List.of("80.90.1.0/24", "2a01:4f8:1::/48")) {
            await("measured for " + client).atMost(PATIENCE).untilAsserted(() -> assertThat(explained(client))
                    .contains("\"measuredFor\":\"" + client + "\"")
                    .contains("\"method\":\"icmp\""));
        }
        assertThat(edge.logged()).doesNotContain("no probes by ICMP");
    }
}
