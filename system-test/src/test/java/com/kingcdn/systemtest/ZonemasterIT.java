package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.ReverseMap;

/**
 * Zonemaster, by which registries judge delegations, finds nothing wrong with a signed zone and an unsigned one on two redirectors. It asks at
 * port 53 of public addresses and begins at the root: so the redirectors are hosts of a network of their own, in the middle of which Knot is
 * the root, the parent, the reverse zones, and the zone in which Zonemaster looks up whose networks addresses belong to. With these there, its
 * tests are run all, as they are by default.
 */
@Timeout(300)
class ZonemasterIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern LINE = Pattern.compile("^\\s*[0-9.]+ ([A-Z]+)\\s+(\\S+)", Pattern.MULTILINE);

    private static final String ROOT_IPV4 = "198.41.0.4";
    private static final String ROOT_IPV6 = "2001:503:ba3e::2:30";

    /**
     * A redirector's host, and its network.
     *
     * @param as number of the autonomous system that announces it
     */
    private record Host(String name, String ipv4, String ipv6, int as) {}

    private static final List<Host> HOSTS = List.of(
            new Host("ns1", "80.90.1.53", "2a01:4f8:1::53", 64496),
            new Host("ns2", "91.200.7.53", "2a03:b0c0:2::53", 64497));

    private static final String YAML =
            """
            zones:
              - {name: kingcdn.example, file: kingcdn.zone, cdn: true, dnssec: true}
              - {name: netcinema.example, file: netcinema.zone}
            distributions: [{id: a1105, hosts: [video.netcinema.example], origins: [{url: "http://127.0.0.1:8600"}]}]
            clusters:
              - id: nyc
                place: {latitude: 40.7, longitude: -74}
                health: assumed
                nodes: [{id: nyc-1, ipv4: 80.90.2.1, ipv6: "2a01:4f8:2::1"}]
            """;

    @TempDir
    static Path directory;

    private static final List<ServiceProcess> PROCESSES = new ArrayList<>();
    private static SeparateNetwork network;

    @BeforeAll
    static void build() throws Exception {
        network = new SeparateNetwork(ROOT_IPV4 + "/32", ROOT_IPV6 + "/128");
        Files.writeString(directory.resolve("cdn.yaml"), YAML);
        Files.writeString(directory.resolve("token"), "token-0123456789abcdef");
        Files.writeString(
                directory.resolve("kingcdn.zone"),
                zone("ns1", "hostmaster", "ns1", "ns2") + glue("") + "@ MX 10 ns1\n");
        Files.writeString(
                directory.resolve("netcinema.zone"),
                zone("ns1.kingcdn.example.", "hostmaster", "ns1.kingcdn.example.", "ns2.kingcdn.example.")
                        + "@ MX 10 ns1.kingcdn.example.\n");
        for (Host host : HOSTS) {
            network.add(host.name, host.ipv4, host.ipv6);
            startRedirector(host);
            // the first makes the keys
            await(host.name)
                    .atMost(PATIENCE)
                    .until(() -> !asked(host.ipv4, "CDS").isEmpty()
                            && !asked(host.ipv6, "CDS").isEmpty());
        }
        startRoot(asked(HOSTS.get(0).ipv4, "CDS"));
        await("the root")
                .atMost(PATIENCE)
                .until(() -> !asked(ROOT_IPV4, "DS").isEmpty()
                        && !asked(ROOT_IPV6, "DS").isEmpty());
    }

    @AfterAll
    static void end() throws InterruptedException {
        for (ServiceProcess process : PROCESSES) {
            process.kill9();
        }
        if (network != null) {
            network.close();
        }
    }

    private static void startRedirector(Host host) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(network.in(host.name));
        command.addAll(ServiceJar.java(ServiceJar.unpacked("dns-redirector"), "160m"));
        command.addAll(List.of(
                "--spring.main.web-application-type=none",
                "--kingcdn.redirector.listen=[::]:53",
                "--kingcdn.redirector.threads=1",
                "--kingcdn.redirector.config=" + directory.resolve("cdn.yaml"),
                "--kingcdn.redirector.state=" + directory.resolve(host.name),
                "--kingcdn.redirector.admin-token-file=" + directory.resolve("token"),
                "--kingcdn.redirector.edge-token-file=" + directory.resolve("token"),
                "--kingcdn.redirector.dnssec.keys=" + directory.resolve("keys"),
                "--kingcdn.redirector.dnssec.manage=" + host.name.equals("ns1")));
        start("zonemaster-" + host.name, command);
    }

    private static void start(String name, List<String> command) throws IOException {
        ServiceProcess process = new ServiceProcess(name, command, LocalCdn.log(name));
        PROCESSES.add(process);
        process.start();
    }

    /** The records of kingcdn.example that a server answers with, or nothing. */
    private static String asked(String server, String type) throws IOException, InterruptedException {
        for (ServiceProcess process : PROCESSES) {
            assertThat(process.isAlive()).as(process.logTail()).isTrue();
        }
        Process dig = new ProcessBuilder(network.in(
                        SeparateNetwork.MIDDLE,
                        "dig",
                        "@" + server,
                        "kingcdn.example",
                        type,
                        "+norec",
                        "+short",
                        "+nosplit",
                        "+time=1",
                        "+tries=1"))
                .start();
        String printed = new String(dig.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        return dig.waitFor() == 0 ? printed.strip() : "";
    }

    private static void startRoot(String ds) throws IOException {
        String servers = HOSTS.stream()
                .map(host -> "%%1$s NS %s.kingcdn.example.\n".formatted(host.name))
                .collect(Collectors.joining());
        StringBuilder reverse = new StringBuilder();
        StringBuilder networks = new StringBuilder();
        for (Host host : HOSTS) {
            for (String address : List.of(host.ipv4, host.ipv6)) {
                String backwards =
                        ReverseMap.fromAddress(InetAddress.getByName(address)).toString();
                reverse.append("%s PTR %s.kingcdn.example.\n".formatted(backwards, host.name));
                boolean isIpv4 = address.equals(host.ipv4);
                networks.append("%s TXT \"%d | %s/%d | DE | ripencc | 2005-01-01\"\n"
                        .formatted(
                                isIpv4
                                        ? backwards.replace("in-addr.arpa.", "origin")
                                        : backwards.replace("ip6.arpa.", "origin6"),
                                host.as,
                                address,
                                isIpv4 ? 32 : 128));
            }
        }
        String root = "a.root-servers.net.";
        String itself = "a.root-servers%1$s A " + ROOT_IPV4 + "\na.root-servers%1$s AAAA " + ROOT_IPV6 + "\n";
        Map<String, String> zones = Map.of(
                ".", "example. NS %1$s\nnet. NS %1$s\narpa. NS %1$s\n".formatted(root) + itself.formatted(".net."),
                "example",
                        servers.formatted("kingcdn") + servers.formatted("netcinema") + glue(".kingcdn") + "kingcdn DS "
                                + ds + "\n",
                "net", "asnlookup.zonemaster NS " + root + "\n" + itself.formatted(""),
                "arpa", reverse.toString(),
                "asnlookup.zonemaster.net", networks.toString());
        StringBuilder configuration = new StringBuilder(
                """
                server:
                  rundir: %1$s
                  listen: [%2$s@53, %3$s@53]
                log:
                  - target: stderr
                    any: warning
                database:
                  storage: %1$s/db
                template:
                  - id: default
                    storage: %1$s
                    journal-content: none
                    zonefile-load: whole
                zone:
                """
                        .formatted(directory, ROOT_IPV4, ROOT_IPV6));
        for (Map.Entry<String, String> zone : zones.entrySet()) {
            String file = zone.getKey() + ".master";
            Files.writeString(
                    directory.resolve(file), zone(root, "hostmaster.root-servers.net.", root) + zone.getValue());
            configuration.append("  - domain: %s\n    file: %s\n".formatted(zone.getKey(), file));
        }
        Path file = Files.writeString(directory.resolve("knot.conf"), configuration);
        Files.writeString(
                directory.resolve("hints"),
                ". NS %1$s\n%1$s A %2$s\n%1$s AAAA %3$s\n".formatted(root, ROOT_IPV4, ROOT_IPV6));
        start("zonemaster-root", network.in(SeparateNetwork.MIDDLE, "knotd", "-c", file.toString()));
    }

    /** What begins each zone: times within the bounds that registries recommend. */
    private static String zone(String primary, String mail, String... servers) {
        StringBuilder zone =
                new StringBuilder("$TTL 3600\n@ SOA %s %s 1 14400 3600 1209600 300\n".formatted(primary, mail));
        for (String server : servers) {
            zone.append("@ NS %s\n".formatted(server));
        }
        return zone.toString();
    }

    private static String glue(String below) {
        return HOSTS.stream()
                .map(host -> "%1$s%2$s A %3$s\n%1$s%2$s AAAA %4$s\n".formatted(host.name, below, host.ipv4, host.ipv6))
                .collect(Collectors.joining());
    }

    /** What Zonemaster says of a zone, as {@code LEVEL TAG}. */
    private static List<String> judged(String zone) throws IOException, InterruptedException {
        String printed = network.run(
                SeparateNetwork.MIDDLE,
                "zonemaster-cli",
                "--hints",
                directory.resolve("hints").toString(),
                "--level",
                "INFO",
                "--raw",
                "--no-progress",
                zone);
        List<String> said = new ArrayList<>();
        for (Matcher each = LINE.matcher(printed); each.find(); ) {
            said.add(each.group(1) + " " + each.group(2));
        }
        assertThat(said)
                .as("it has looked at all: %s", printed)
                .contains(
                        "INFO ENOUGH_IPV4_NS_DEL",
                        "INFO ENOUGH_IPV6_NS_DEL",
                        "INFO IPV4_DIFFERENT_ASN",
                        "INFO IPV6_DIFFERENT_ASN",
                        "INFO NAMESERVERS_IP_WITH_REVERSE",
                        "INFO NAMESERVER_IP_PTR_MATCH",
                        "INFO EDNS0_SUPPORT",
                        "INFO AXFR_FAILURE",
                        "INFO ONE_SOA_SERIAL");
        return said.stream().filter(line -> !line.startsWith("INFO")).toList();
    }

    @Test
    void findsNothingToRemarkInASignedZone() throws Exception {
        assertThat(judged("kingcdn.example")).isEmpty();
    }

    @Test
    void remarksOfAnUnsignedZoneOnlyThatItIsNotSigned() throws Exception {
        assertThat(judged("netcinema.example"))
                .containsExactlyInAnyOrder("NOTICE NEITHER_DNSKEY_NOR_DS", "NOTICE NOT_SIGNED");
    }
}
