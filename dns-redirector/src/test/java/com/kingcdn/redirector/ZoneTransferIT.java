package com.kingcdn.redirector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.Type;

/** Other people's servers and tools against ours: Knot and BIND as secondaries, kdig, nsupdate and knsupdate. */
@Timeout(120)
final class ZoneTransferIT {

    /** Records of the customer's zone, so many that they take many messages. */
    private static final int TEXTS = 2_000;

    private static final int BURST = 100;
    private static final String SECRET = "c2VjcmV0IG9mIHR3ZW50eS1mb3VyIGJ5dGVz";
    private static final String KEY_FILE =
            "key \"xfr\" {\n  algorithm hmac-sha256;\n  secret \"" + SECRET + "\";\n};\n";

    @TempDir
    Path directory;

    private int secondary;

    @BeforeEach
    void configure() throws IOException {
        secondary = freePort();
        RunningRedirector.prepare(directory);
        Files.writeString(directory.resolve("xfr.key"), KEY_FILE);
        Files.writeString(
                directory.resolve("cdn.yaml"),
                RunningRedirector.YAML.replace(
                                "  - {name: kingcdn.example, file: kingcdn.example.zone, cdn: true}\n",
                                """
                          - name: kingcdn.example
                            file: kingcdn.example.zone
                            cdn: true
                            transfer: [{key: xfr, from: [127.0.0.0/8]}]
                            update: [{key: xfr, names: ["*.kingcdn.example"]}]
                            notify: [{address: 127.0.0.1, port: %d, key: xfr}]
                        """
                                        .formatted(secondary))
                        + "keys: [{name: xfr, file: xfr.key}]\n");
    }

    @Test
    void aKnotSecondaryFollows() throws Exception {
        try (RunningRedirector redirector = RunningRedirector.start(directory);
                ServerProcess knot = knot(redirector.dns().getPort())) {
            followsFileAndUpdate(redirector, knot);
            assertThat(knot.log()).contains("AXFR, incoming", "IXFR, incoming");
        }
    }

    @Test
    void aBindSecondaryFollows() throws Exception {
        try (RunningRedirector redirector = RunningRedirector.start(directory);
                ServerProcess bind = bind(redirector.dns().getPort())) {
            followsFileAndUpdate(redirector, bind);
            assertThat(bind.log()).contains("Transfer status: success");
        }
    }

    private void followsFileAndUpdate(RunningRedirector redirector, ServerProcess server) throws Exception {
        await("the zone is there")
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .untilAsserted(() -> {
                    assertThat(at("ns1.kingcdn.example.", Type.A))
                            .as(server.log())
                            .containsExactly("127.0.0.1");
                });
        assertThat(at("a1105.kingcdn.example.", Type.A))
                .as("without a map: the first cluster")
                .containsExactly("127.0.1.1");

        nsupdate(redirector, "update add dyn.kingcdn.example. 60 A 192.0.2.77");
        assertThat(data(redirector.dns(), "dyn.kingcdn.example.", Type.A))
                .as("served when the update is answered")
                .containsExactly("192.0.2.77");
        await("the update is there").atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        at("dyn.kingcdn.example.", Type.A))
                .as(server.log())
                .containsExactly("192.0.2.77"));
    }

    @Test
    void updatesSurviveARestartAndEditsOfTheFile() throws Exception {
        String serial;
        try (RunningRedirector redirector = RunningRedirector.start(directory)) {
            nsupdate(
                    redirector,
                    "update add dyn.kingcdn.example. 60 TXT \"one two\"",
                    "update delete ns9.kingcdn.example. A");
            run(List.of(
                    "knsupdate",
                    "-k",
                    knotKey(),
                    file(
                            "update.knot",
                            """
                    server 127.0.0.1 %d
                    zone kingcdn.example.
                    prereq yxrrset dyn.kingcdn.example. TXT
                    update add knot.kingcdn.example. 60 AAAA 2001:db8::7
                    send
                    """
                                    .formatted(redirector.dns().getPort()))));
            serial = data(redirector.dns(), "kingcdn.example.", Type.SOA).get(0);
            assertThat(serial).contains(" 3 7200");
        }
        try (RunningRedirector redirector = RunningRedirector.start(directory)) {
            assertThat(data(redirector.dns(), "kingcdn.example.", Type.SOA)).containsExactly(serial);
            Files.writeString(
                    directory.resolve("kingcdn.example.zone"),
                    Files.readString(directory.resolve("kingcdn.example.zone")) + "new IN A 192.0.2.8\n");
            await("the edited file is served").atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                            data(redirector.dns(), "new.kingcdn.example.", Type.A))
                    .containsExactly("192.0.2.8"));
            assertThat(data(redirector.dns(), "dyn.kingcdn.example.", Type.TXT)).containsExactly("\"one two\"");
            assertThat(data(redirector.dns(), "knot.kingcdn.example.", Type.AAAA))
                    .containsExactly("2001:db8:0:0:0:0:0:7");
            assertThat(data(redirector.dns(), "kingcdn.example.", Type.SOA))
                    .singleElement()
                    .asString()
                    .contains(" 4 7200");
        }
    }

    /** Starts the customer's name server; told where ours is, for its notices. */
    @FunctionalInterface
    private interface Primary {
        ServerProcess start(int redirector) throws IOException;
    }

    @Test
    void copiesAKnotPrimaryAndServesTheCopyAfterARestart() throws Exception {
        copies(this::knotPrimary, "IXFR, outgoing");
    }

    @Test
    void copiesABindPrimaryAndServesTheCopyAfterARestart() throws Exception {
        copies(this::bindPrimary, "IXFR started");
    }

    /** RFC 1996 sections 3.7 and 3.10, RFC 1995, RFC 5936: a zone of many messages, then a change of it. */
    private void copies(Primary started, String increment) throws Exception {
        Path yaml = directory.resolve("cdn.yaml");
        Files.writeString(
                yaml,
                Files.readString(yaml)
                        .replace(
                                "distributions:\n",
                                "  - {name: customer.example, primaries: [{address: 127.0.0.1, port: %d, key: xfr}]}\ndistributions:\n"
                                        .formatted(secondary)));
        try (RunningRedirector redirector = RunningRedirector.start(directory)) {
            assertThat(code(redirector, "www.customer.example."))
                    .as("ours, and not there yet")
                    .isEqualTo(Rcode.SERVFAIL);
            try (ServerProcess primary = started.start(redirector.dns().getPort())) {
                await("the copy is there").atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                                data(redirector.dns(), "www.customer.example.", Type.A))
                        .as(primary.log())
                        .containsExactly("127.0.1.1"));
                assertThat(data(redirector.dns(), "t" + (TEXTS - 1) + ".customer.example.", Type.TXT))
                        .hasSize(1);
                run(List.of(
                        "knsupdate",
                        "-k",
                        knotKey(),
                        file(
                                "update.knot",
                                """
                        server 127.0.0.1 %d
                        zone customer.example.
                        update add new.customer.example. 60 A 192.0.2.9
                        update delete t0.customer.example. TXT
                        send
                        """
                                        .formatted(secondary))));
                await("the change is there, by notice and increment")
                        .atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(data(redirector.dns(), "new.customer.example.", Type.A))
                                .as(primary.log())
                                .containsExactly("192.0.2.9"));
                assertThat(code(redirector, "t0.customer.example.")).isEqualTo(Rcode.NXDOMAIN);
                assertThat(primary.log()).contains(increment);
            }
            assertThat(tryNotify(redirector)).as("signed by nobody").isEqualTo(Rcode.REFUSED);
        }
        try (RunningRedirector redirector = RunningRedirector.start(directory)) {
            assertThat(data(redirector.dns(), "new.customer.example.", Type.A))
                    .as("without its primary")
                    .containsExactly("192.0.2.9");
        }
    }

    private static String customerZone() {
        StringBuilder zone = new StringBuilder(
                """
                @ 60 SOA ns host 1 3600 60 86400 60
                @ 60 NS ns
                ns 60 A 192.0.2.1
                www 60 CNAME a1105.kingcdn.example.
                """);
        for (int i = 0; i < TEXTS; i++) {
            zone.append("t")
                    .append(i)
                    .append(" 60 TXT \"")
                    .append("x".repeat(200))
                    .append("\"\n");
        }
        return zone.toString();
    }

    /** RFC 1996 section 4.1: whoever is told of a version, and asks at once, gets it. */
    @Test
    void noticesComeWhenTheChangeIsServed() throws Exception {
        try (RunningRedirector redirector = RunningRedirector.start(directory);
                DatagramSocket told = new DatagramSocket(secondary, InetAddress.getLoopbackAddress())) {
            told.setSoTimeout(20_000);
            for (int i = 0; i < 10; i++) {
                nsupdate(redirector, "update add n" + i + ".kingcdn.example. 60 A 192.0.2.77");
                DatagramPacket packet = new DatagramPacket(new byte[1232], 1232);
                told.receive(packet);
                long served = serial(data(redirector.dns(), "kingcdn.example.", Type.SOA));
                Message notice = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
                assertThat(notice.getHeader().getOpcode()).isEqualTo(Opcode.NOTIFY);
                assertThat(served)
                        .isGreaterThanOrEqualTo(serial(notice.getSection(Section.ANSWER).stream()
                                .map(Record::rdataToString)
                                .toList()));
            }
        }
    }

    private static long serial(List<String> soa) {
        return Long.parseLong(soa.get(0).split(" ")[2]);
    }

    @Test
    void manyUpdatesAtOnceAreEachServedWhenTheyAreAnswered() throws Exception {
        TSIG key = new TSIG(TSIG.HMAC_SHA256, Name.fromConstantString("xfr."), SECRET);
        try (RunningRedirector redirector = RunningRedirector.start(directory)) {
            SimpleResolver updater = new SimpleResolver(redirector.dns());
            updater.setTSIGKey(key);
            updater.setTimeout(Duration.ofSeconds(20));
            double compiled = compilations();
            List<CompletableFuture<Integer>> answered = new ArrayList<>();
            for (int i = 0; i < BURST; i++) {
                String name = "u" + i + ".kingcdn.example.";
                Message update = Message.newUpdate(Name.fromString("kingcdn.example."));
                update.addRecord(
                        Record.fromString(Name.fromString(name), Type.A, DClass.IN, 60, "192.0.2.5", Name.root),
                        Section.UPDATE);
                answered.add(updater.sendAsync(update).toCompletableFuture().thenApplyAsync(answer -> {
                    assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
                    return found(redirector.dns(), name);
                }));
            }
            for (CompletableFuture<Integer> one : answered) {
                assertThat(one.get(30, TimeUnit.SECONDS)).isEqualTo(1);
            }
            assertThat(compilations() - compiled).as("compilations").isLessThan(BURST);
        }
    }

    private static int found(InetSocketAddress server, String name) {
        try {
            return data(server, name, Type.A).size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double compilations() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_snapshot_compile_seconds_count");
    }

    private static int code(RunningRedirector redirector, String name) throws IOException {
        return new SimpleResolver(redirector.dns())
                .send(Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, DClass.IN)))
                .getRcode();
    }

    private static int tryNotify(RunningRedirector redirector) throws IOException {
        Message notice = Message.newQuery(Record.newRecord(Name.fromString("customer.example."), Type.SOA, DClass.IN));
        notice.getHeader().setOpcode(Opcode.NOTIFY);
        return new SimpleResolver(redirector.dns()).send(notice).getRcode();
    }

    @Test
    void refusesWithoutTheKeyAndNamesOfTheMapping() throws Exception {
        try (RunningRedirector redirector = RunningRedirector.start(directory)) {
            String port = String.valueOf(redirector.dns().getPort());
            assertThat(run(List.of("kdig", "@127.0.0.1", "-p", port, "kingcdn.example", "AXFR")))
                    .contains("REFUSED");
            assertThat(run(List.of("kdig", "@127.0.0.1", "-p", port, "-k", knotKey(), "kingcdn.example", "AXFR")))
                    .contains("a1105.kingcdn.example.", "ns1.kingcdn.example.")
                    .doesNotContain("REFUSED", "WARNING", ";; ERROR");
            assertThat(run(List.of("kdig", "@127.0.0.1", "-p", port, "-k", knotKey(), "netcinema.example", "AXFR")))
                    .as("no rule for this zone")
                    .contains("REFUSED");
            assertThat(run(List.of("kdig", "@127.0.0.1", "-p", port, "-k", knotKey(), "ns1.kingcdn.example", "A")))
                    .contains("NOERROR", "TSIG", "127.0.0.1")
                    .doesNotContain("WARNING", ";; ERROR");
            String wrong = "hmac-sha256:xfr:" + "d3Jvbmcgc2VjcmV0IG9mIHR3ZW50eSBieXRlcw==";
            assertThat(run(List.of("kdig", "@127.0.0.1", "-p", port, "-y", wrong, "kingcdn.example", "SOA")))
                    .contains("BADSIG");
            assertThat(run(List.of(
                            "kdig",
                            "@127.0.0.1",
                            "-p",
                            port,
                            "-y",
                            "hmac-sha256:other:" + SECRET,
                            "kingcdn.example",
                            "SOA")))
                    .contains("BADKEY");
            assertThat(tryUpdate(redirector, "update add a1105.kingcdn.example. 60 A 192.0.2.66"))
                    .contains("REFUSED");
            assertThat(tryUpdate(redirector, "update add kingcdn.example. 60 TXT x"))
                    .as("the rule names what is below the zone only")
                    .contains("REFUSED");
            assertThat(tryUpdate(
                            redirector,
                            "prereq nxdomain ns1.kingcdn.example.",
                            "update add x.kingcdn.example. 60 A 192.0.2.6"))
                    .contains("YXDOMAIN");
        }
    }

    private void nsupdate(RunningRedirector redirector, String... lines) throws Exception {
        assertThat(tryUpdate(redirector, lines)).isEmpty();
    }

    private String tryUpdate(RunningRedirector redirector, String... lines) throws Exception {
        String script = "server 127.0.0.1 " + redirector.dns().getPort() + "\nzone kingcdn.example.\n"
                + String.join("\n", lines) + "\nsend\n";
        return run(List.of("nsupdate", "-k", directory.resolve("xfr.key").toString(), file("update.bind", script)));
    }

    private String knotKey() throws IOException {
        return file("knot.key", "hmac-sha256:xfr:" + SECRET + "\n");
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(output).isTrue();
        return output.strip();
    }

    private List<String> at(String name, int type) throws IOException {
        return data(new InetSocketAddress(InetAddress.getLoopbackAddress(), secondary), name, type);
    }

    private static List<String> data(InetSocketAddress server, String name, int type) throws IOException {
        SimpleResolver resolver = new SimpleResolver(server);
        resolver.setTimeout(Duration.ofSeconds(5));
        Message answer = resolver.send(Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.IN)));
        return answer.getSection(Section.ANSWER).stream()
                .filter(record -> record.getType() == type)
                .map(Record::rdataToString)
                .toList();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private ServerProcess knot(int primary) throws IOException {
        Path own = Files.createDirectory(directory.resolve("knot"));
        Path config = Files.writeString(
                own.resolve("knot.conf"),
                """
                server:
                    rundir: "%1$s"
                    listen: 127.0.0.1@%2$d
                    udp-workers: 1
                    tcp-workers: 1
                    background-workers: 1
                log:
                  - target: stderr
                    any: debug
                database:
                    storage: "%1$s"
                key:
                  - id: xfr
                    algorithm: hmac-sha256
                    secret: %3$s
                remote:
                  - id: primary
                    address: 127.0.0.1@%4$d
                    key: xfr
                acl:
                  - id: notify
                    address: 127.0.0.1
                    key: xfr
                    action: notify
                zone:
                  - domain: kingcdn.example
                    storage: "%1$s"
                    master: primary
                    acl: notify
                """
                        .formatted(own, secondary, SECRET, primary));
        return ServerProcess.start(own.resolve("log"), "knotd", "-c", config.toString());
    }

    private ServerProcess knotPrimary(int redirector) throws IOException {
        Path own = Files.createDirectory(directory.resolve("primary"));
        Files.writeString(own.resolve("customer.example.zone"), customerZone());
        Path config = Files.writeString(
                own.resolve("knot.conf"),
                """
                server:
                    rundir: "%1$s"
                    listen: 127.0.0.1@%2$d
                    udp-workers: 1
                    tcp-workers: 1
                    background-workers: 1
                log:
                  - target: stderr
                    any: debug
                database:
                    storage: "%1$s"
                key:
                  - id: xfr
                    algorithm: hmac-sha256
                    secret: %3$s
                remote:
                  - id: redirector
                    address: 127.0.0.1@%4$d
                    key: xfr
                acl:
                  - id: all
                    address: 127.0.0.1
                    key: xfr
                    action: [transfer, update]
                zone:
                  - domain: customer.example
                    storage: "%1$s"
                    file: customer.example.zone
                    notify: redirector
                    acl: all
                """
                        .formatted(own, secondary, SECRET, redirector));
        return ServerProcess.start(own.resolve("log"), "knotd", "-c", config.toString());
    }

    private ServerProcess bind(int primary) throws IOException {
        Path own = Files.createDirectory(directory.resolve("bind"));
        Path config = Files.writeString(
                own.resolve("named.conf"),
                """
                %5$s
                options {
                    directory "%1$s";
                    pid-file none;
                    session-keyfile none;
                    listen-on port %2$d { 127.0.0.1; };
                    listen-on-v6 { none; };
                    recursion no;
                    allow-notify { key xfr; };
                };
                controls { };
                server 127.0.0.1 { keys xfr; };
                zone "kingcdn.example" {
                    type secondary;
                    file "zone";
                    primaries { 127.0.0.1 port %4$d key xfr; };
                };
                """
                        .formatted(own, secondary, SECRET, primary, KEY_FILE));
        return ServerProcess.start(own.resolve("log"), "named", "-g", "-n", "1", "-c", config.toString());
    }

    private ServerProcess bindPrimary(int redirector) throws IOException {
        Path own = Files.createDirectory(directory.resolve("primary"));
        Files.writeString(own.resolve("customer.example.zone"), customerZone());
        Path config = Files.writeString(
                own.resolve("named.conf"),
                """
                %4$s
                options {
                    directory "%1$s";
                    pid-file none;
                    session-keyfile none;
                    listen-on port %2$d { 127.0.0.1; };
                    listen-on-v6 { none; };
                    recursion no;
                };
                controls { };
                zone "customer.example" {
                    type primary;
                    file "customer.example.zone";
                    allow-transfer { key xfr; };
                    allow-update { key xfr; };
                    notify explicit;
                    also-notify { 127.0.0.1 port %3$d key xfr; };
                };
                """
                        .formatted(own, secondary, redirector, KEY_FILE));
        return ServerProcess.start(own.resolve("log"), "named", "-g", "-n", "1", "-c", config.toString());
    }
}
