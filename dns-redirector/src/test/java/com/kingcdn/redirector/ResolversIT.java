package com.kingcdn.redirector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unbound, BIND and PowerDNS Recursor as the resolvers that clients ask and that ask us. */
class ResolversIT {

    private static final String UNBOUND_ADDRESS = "127.0.0.3";
    /** BIND listens on addresses of interfaces only, and asks at the port at which it listens. */
    private static final String BIND_ADDRESS = "127.0.0.1";

    private static final String POWERDNS_ADDRESS = "127.0.0.4";

    /** Names of each kind. */
    private static final int NAMES = 8;

    private static final String OUR_ADDRESS = "127.0.0.2";

    @TempDir
    private Path directory;

    private final List<ServerProcess> started = new ArrayList<>();

    @AfterEach
    void stop() {
        started.forEach(ServerProcess::close);
    }

    /** RFC 7871: each client gets the edges of its own subnet, also from the resolver's cache. */
    @Test
    void unboundSendsClientSubnetsAndKeepsAnswersApart_rfc7871_7_3() throws Exception {
        try (RunningRedirector redirector =
                RunningRedirector.start(directory, "--kingcdn.redirector.listen=" + OUR_ADDRESS + ":0")) {
            int port = redirector.dns().getPort();
            startUnbound(port, "send-client-subnet: 127.0.0.2", "module-config: \"subnetcache iterator\"");
            assertThat(dig(UNBOUND_ADDRESS, port, "video.netcinema.example", "+subnet=192.0.2.0/24"))
                    .contains("127.0.2.1", "127.0.2.2", "CLIENT-SUBNET: 192.0.2.0/24/24");
            double before = subnetQueries();
            for (int i = 0; i < 3; i++) {
                assertThat(dig(UNBOUND_ADDRESS, port, "video.netcinema.example", "+subnet=192.0.2.0/24"))
                        .contains("127.0.2.1");
            }
            assertThat(subnetQueries()).as("answered from Unbound's cache").isEqualTo(before);
            assertThat(dig(UNBOUND_ADDRESS, port, "video.netcinema.example", "+subnet=192.0.3.0/24"))
                    .contains("CLIENT-SUBNET: 192.0.3.0/24");
            assertThat(subnetQueries()).as("another subnet").isGreaterThan(before);
            assertThat(dig(UNBOUND_ADDRESS, port, "nothing.kingcdn.example")).contains("NXDOMAIN");
            assertThat(dig(UNBOUND_ADDRESS, port, "big.kingcdn.example", "txt")).contains("NOERROR", "ANSWER: 1");
        }
    }

    /** RFC 7871 section 7.3.1: what has a scope of 0 is kept for all subnets, so names that share answers add one query each. */
    @Test
    void powerDnsAsksOnceForASharedAlias_andOnceASubnetForAllOfThem_rfc7871_7_3_1() throws Exception {
        try (RunningRedirector redirector = startSharing()) {
            int port = redirector.dns().getPort();
            startPowerDns(port);
            assertThat(queriesForThreeSubnets(POWERDNS_ADDRESS, port, "own"))
                    .as("8 names with answers of their own")
                    .isGreaterThanOrEqualTo(24);
            assertThat(queriesForThreeSubnets(POWERDNS_ADDRESS, port, "shared"))
                    .as("8 aliases, and at most two questions a subnet")
                    .isLessThanOrEqualTo(8 + 6);
        }
    }

    /** Unbound keeps a whole response by the scope of its last part, and asks for the alias again: dearer, and as right. */
    @Test
    void unboundKeepsSubnetsApartBehindASharedAlias() throws Exception {
        try (RunningRedirector redirector = startSharing()) {
            int port = redirector.dns().getPort();
            startUnbound(port, "send-client-subnet: 127.0.0.2", "module-config: \"subnetcache iterator\"");
            assertThat(queriesForThreeSubnets(UNBOUND_ADDRESS, port, "shared")).isLessThanOrEqualTo(2 * 24);
        }
    }

    private RunningRedirector startSharing() throws IOException {
        RunningRedirector.prepare(directory);
        StringBuilder distributions = new StringBuilder("distributions:\n");
        for (int i = 0; i < NAMES; i++) {
            String origins = "origins: [{url: \"http://127.0.0.1:8600\"}]";
            distributions.append("  - {id: own%d, %s}\n".formatted(i, origins));
            distributions.append("  - {id: shared%d, %s, answers: {sharedWith: a1105}}\n".formatted(i, origins));
        }
        Files.writeString(
                directory.resolve("cdn.yaml"),
                RunningRedirector.YAML
                        .replace("distributions:\n", distributions)
                        .replace("place:", "health: assumed\n    place:"));
        return RunningRedirector.start(directory, "--kingcdn.redirector.listen=" + OUR_ADDRESS + ":0");
    }

    /** Asks for eight names from three subnets, of which one has other edges, and sees that each gets its own. */
    private static double queriesForThreeSubnets(String resolver, int port, String names) throws Exception {
        double before = queries();
        for (String subnet : List.of("192.0.2.0", "192.0.3.0", "198.51.100.0")) {
            for (int i = 0; i < NAMES; i++) {
                String name = names + i + ".kingcdn.example";
                assertThat(dig(resolver, port, name, "+subnet=" + subnet + "/24"))
                        .contains(subnet.equals("192.0.2.0") ? "127.0.2.1" : "127.0.1.1");
            }
        }
        return queries() - before;
    }

    /** Above its rate a resolver that has cookies is let in by them, and one that has none by TCP. */
    @Test
    void resolversAreAnsweredAlsoAboveTheirRate_rfc7873_5_3() throws Exception {
        try (RunningRedirector redirector = RunningRedirector.start(
                directory,
                "--kingcdn.redirector.listen=" + OUR_ADDRESS + ":0",
                "--kingcdn.redirector.rate-limit.rate=1",
                "--kingcdn.redirector.rate-limit.burst=1",
                "--kingcdn.redirector.rate-limit.exempt=")) {
            int port = redirector.dns().getPort();
            startBind(port);
            startUnbound(port);
            double badCookies = limited("badcookie");
            double truncated = limited("truncated");
            for (int i = 0; i < 20; i++) {
                assertThat(dig(BIND_ADDRESS, port, "n" + i + ".kingcdn.example"))
                        .contains("NXDOMAIN");
                assertThat(dig(UNBOUND_ADDRESS, port, "n" + i + ".kingcdn.example"))
                        .contains("NXDOMAIN");
            }
            assertThat(dig(BIND_ADDRESS, port, "video.netcinema.example")).contains("NOERROR", "127.0.");
            assertThat(dig(BIND_ADDRESS, port, "big.kingcdn.example", "txt")).contains("NOERROR", "ANSWER: 1");
            assertThat(limited("truncated")).as("Unbound was sent to TCP").isGreaterThan(truncated);
            assertThat(limited("badcookie") - badCookies)
                    .as("BIND learned its cookie")
                    .isBetween(0.0, 5.0);
            assertThat(CollectorRegistry.defaultRegistry.getSampleValue(
                            "kingcdn_redirector_cookies_total", new String[] {"result"}, new String[] {"valid"}))
                    .as("BIND used it")
                    .isGreaterThan(10);
        }
    }

    private void startUnbound(int port, String... more) throws Exception {
        Path config = Files.writeString(
                directory.resolve("unbound.conf"),
                """
                server:
                  interface: %s
                  port: %d
                  username: ""
                  chroot: ""
                  directory: "%s"
                  pidfile: ""
                  use-syslog: no
                  do-daemonize: no
                  do-not-query-localhost: no
                  do-ip6: no
                  qname-minimisation: yes
                  use-caps-for-id: yes
                  outgoing-interface: 127.0.0.1
                %s
                stub-zone:
                  name: "kingcdn.example"
                  stub-addr: 127.0.0.2@%d
                stub-zone:
                  name: "netcinema.example"
                  stub-addr: 127.0.0.2@%d
                remote-control:
                  control-enable: no
                """
                        .formatted(
                                UNBOUND_ADDRESS,
                                port,
                                directory,
                                more.length == 0 ? "  module-config: \"iterator\"" : "  " + String.join("\n  ", more),
                                port,
                                port));
        start("unbound", port, UNBOUND_ADDRESS, List.of("/usr/sbin/unbound", "-d", "-p", "-c", config.toString()));
    }

    private void startPowerDns(int port) throws Exception {
        start(
                "pdns_recursor",
                port,
                POWERDNS_ADDRESS,
                List.of(
                        "/usr/sbin/pdns_recursor",
                        "--config-dir=" + directory,
                        "--socket-dir=" + directory,
                        "--daemon=no",
                        "--threads=1",
                        "--dnssec=off",
                        "--security-poll-suffix=",
                        "--local-address=" + POWERDNS_ADDRESS,
                        "--local-port=" + port,
                        "--query-local-address=127.0.0.1",
                        "--dont-query=",
                        "--forward-zones=kingcdn.example=%s:%d".formatted(OUR_ADDRESS, port),
                        "--edns-subnet-allow-list=127.0.0.0/8",
                        "--use-incoming-edns-subnet=yes",
                        "--ecs-add-for=0.0.0.0/0"));
    }

    private void startBind(int port) throws Exception {
        Path config = Files.writeString(
                directory.resolve("named.conf"),
                """
                options {
                  directory "%s";
                  pid-file none;
                  session-keyfile none;
                  managed-keys-directory "%s";
                  port %d;
                  listen-on { %s; };
                  listen-on-v6 { none; };
                  recursion yes;
                  allow-query { any; };
                  allow-recursion { any; };
                  dnssec-validation no;
                };
                controls { };
                zone "kingcdn.example" { type static-stub; server-addresses { %s; }; };
                zone "netcinema.example" { type static-stub; server-addresses { %s; }; };
                """
                        .formatted(directory, directory, port, BIND_ADDRESS, OUR_ADDRESS, OUR_ADDRESS));
        start("named", port, BIND_ADDRESS, List.of("/usr/sbin/named", "-f", "-c", config.toString()));
    }

    private void start(String name, int port, String address, List<String> command) throws Exception {
        ServerProcess server = ServerProcess.start(directory.resolve(name + ".out"), command.toArray(String[]::new));
        started.add(server);
        await(name + " answers").atMost(Duration.ofSeconds(30)).until(() -> {
            assertThat(server.process().isAlive()).as(server::log).isTrue();
            return dig(address, port, "kingcdn.example", "soa").contains("NOERROR");
        });
    }

    private static String dig(String address, int port, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("dig", "@" + address, "-p", String.valueOf(port), "+tries=3", "+time=5"));
        command.addAll(List.of(arguments));
        return Tool.run(command);
    }

    private static double queries() {
        return CollectorRegistry.defaultRegistry.getSampleValue(
                "kingcdn_redirector_queries_total", new String[] {"transport", "rcode"}, new String[] {"udp", "noerror"
                });
    }

    private static double subnetQueries() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_client_subnets_total");
    }

    private static double limited(String action) {
        return CollectorRegistry.defaultRegistry.getSampleValue(
                "kingcdn_redirector_limited_answers_total", new String[] {"action"}, new String[] {action});
    }
}
