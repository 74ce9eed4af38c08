package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.systemtest.Launcher.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's first command, as a newcomer types it. */
class LauncherIT {

    private static final List<String> PORTS = List.of("DNS", "DOH", "API", "ORIGIN", "CONTENT", "MANAGEMENT");

    @TempDir
    Path state;

    private final Map<String, String> environment = new HashMap<>();
    private Launcher launcher = new Launcher(environment);

    @BeforeEach
    void choosePorts() throws IOException {
        Loopback loopback = new Loopback();
        environment.put("KINGCDN_STATE", state.toString());
        // a small system has none
        Path ps =
                Files.writeString(Files.createDirectories(state.resolve("bin")).resolve("ps"), "#!/bin/sh\nexit 127\n");
        assertThat(ps.toFile().setExecutable(true)).isTrue();
        environment.put("PATH", ps.getParent() + ":" + System.getenv("PATH"));
        for (String port : PORTS) {
            environment.put(
                    "KINGCDN_" + port + "_PORT",
                    String.valueOf(loopback.port("127.0.0.1", "127.0.1.1", "127.0.2.1", "127.0.3.1")));
        }
        launcher = new Launcher(environment);
    }

    @AfterEach
    void stop() throws Exception {
        launcher.kingcdn("down");
    }

    @Test
    void upStartsACdnWhoseLinesWork_andDownLeavesNothing() throws Exception {
        Outcome up = launcher.kingcdn("up", "--detach");
        assertThat(up.exit()).as(up.printed()).isZero();

        Outcome dig = Launcher.run(line(up, "dig "));
        assertThat(dig.printed())
                .containsPattern(
                        "video\\.netcinema\\.example\\.\\s+1800\\s+IN\\s+CNAME\\s+a1105\\.kingcdn\\.example\\.")
                .containsPattern("a1105\\.kingcdn\\.example\\.\\s+20\\s+IN\\s+A\\s+127\\.0\\.1\\.1");

        String curl = line(up, "curl ");
        assertThat(Launcher.run(curl).printed()).contains("206 Partial Content", "fwd=uri-miss", "stored");
        assertThat(Launcher.run(curl).printed()).contains("206 Partial Content", "; hit");

        Launcher elsewhere = new Launcher(Map.of("KINGCDN_STATE", state.toString()));
        assertThat(elsewhere.kingcdn("status"))
                .as("in a terminal that knows no ports")
                .satisfies(status -> {
                    assertThat(status.exit()).isZero();
                    assertThat(status.printed())
                            .contains("origin", "redirector", "nyc", "fra", "sin")
                            .doesNotContain("down");
                });
        String host = "http://" + LocalCdn.HOST + LocalCdn.TITLE;
        assertThat(launcher.kingcdn("purge", host).printed()).contains("nyc-1", "\"complete\":true");
        everyWayToPurgeWorks(curl, host);
        assertThat(launcher.kingcdn("explain", LocalCdn.HOST, "--ecs", "8.8.8.0/24")
                        .printed())
                .contains("\"chosen\":\"nyc\"");
        assertThat(launcher.kingcdn("drain", "nowhere").exit()).isNotZero();

        Launcher.run("kill -9 " + Files.readString(state.resolve("run/fra.pid")));
        assertThat(launcher.kingcdn("status").exit()).isNotZero();
        assertThat(elsewhere.kingcdn("restart", "fra")).satisfies(restart -> {
            assertThat(restart.exit()).as(restart.printed()).isZero();
            assertThat(launcher.kingcdn("status").exit()).isZero();
        });

        Outcome again = launcher.kingcdn("up", "--detach");
        assertThat(again.exit()).isNotZero();
        assertThat(again.printed()).contains("already up");

        assertThat(launcher.kingcdn("down").exit()).isZero();
        assertThat(launcher.kingcdn("down").exit()).as("twice is no error").isZero();
        assertThat(ours()).isEmpty();
    }

    private void everyWayToPurgeWorks(String curl, String url) throws Exception {
        for (String what : List.of(
                "--prefix " + url,
                "--host " + LocalCdn.HOST,
                "--distribution a1105",
                "--soft " + url,
                "--soft --prefix " + url)) {
            Launcher.run(curl);
            assertThat(Launcher.run(curl).printed()).as("before " + what).contains("; hit");
            Outcome purge = launcher.kingcdn(("purge " + what).split(" "));
            assertThat(purge.exit()).as(purge.printed()).isZero();
            assertThat(purge.printed()).as(what).contains("nyc-1", "\"complete\":true");
            assertThat(Launcher.run(curl).printed())
                    .as("after " + what)
                    .contains(what.contains("--soft") ? "fwd=stale" : "fwd=uri-miss");
        }
        assertThat(launcher.kingcdn("purge", "--tag", "unused", "--distribution", "a1105")
                        .printed())
                .contains("nyc-1", "\"complete\":true");
        assertThat(launcher.kingcdn("purge").printed()).contains("which URL?");
        assertThat(launcher.kingcdn("purge", "--all").printed()).contains("does not know --all");
    }

    @Test
    void aPortThatIsTakenIsNamed_andNothingIsLeftRunning() throws Exception {
        int port = Integer.parseInt(environment.getOrDefault("KINGCDN_DNS_PORT", ""));
        try (ServerSocket other = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            Outcome up = launcher.kingcdn("up", "--detach");
            assertThat(up.exit()).isNotZero();
            assertThat(up.printed()).contains("127.0.0.1:" + other.getLocalPort());
        }
        assertThat(ours()).isEmpty();
    }

    @Test
    void interruptedInTheForegroundItStopsAll() throws Exception {
        environment.put("KINGCDN_EDGES", "1");
        Process up = launcher.start("up");
        try {
            await("the launcher's processes").atMost(Duration.ofMinutes(2)).until(() -> ours().size() == 3);
            // what Ctrl-C sends
            Launcher.run("kill -INT " + up.pid());
            await("the launcher's end").atMost(Duration.ofMinutes(1)).until(() -> !up.isAlive());
        } finally {
            up.destroyForcibly();
        }
        assertThat(ours()).isEmpty();
    }

    /** A database of the public domain, by country, as a newcomer fetches it: each country's centre counts. */
    @Test
    void aRealDatabaseSendsClientsToTheirContinent() throws Exception {
        Outcome fetched = launcher.kingcdn("geo");
        assertThat(fetched.exit()).as(fetched.printed()).isZero();
        environment.put("KINGCDN_EDGES", "3");
        Outcome up = launcher.kingcdn("up", "--detach");
        assertThat(up.exit()).as(up.printed()).isZero();

        String dig =
                "dig @127.0.0.1 +short -p " + environment.get("KINGCDN_DNS_PORT") + " " + LocalCdn.HOST + " +subnet=";
        assertThat(Launcher.run(dig + "8.8.8.0/24").printed())
                .as("the United States")
                .contains("127.0.1.1");
        assertThat(Launcher.run(dig + "130.83.0.0/16").printed()).as("Germany").contains("127.0.2.1");
        assertThat(Launcher.run(dig + "133.11.0.0/16").printed()).as("Japan").contains("127.0.3.1");
        assertThat(Launcher.run(dig + "2a01:4f8::/32").printed())
                .as("Germany, IPv6")
                .contains("127.0.2.1");
    }

    private static String line(Outcome up, String begin) {
        return up.printed()
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith(begin))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line with " + begin + " in:\n" + up.printed()));
    }

    /** The Java processes that this test's launcher has started. */
    private List<String> ours() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .map(process -> process.resolve("cmdline"))
                    .filter(Files::isReadable)
                    .map(LauncherIT::read)
                    .filter(command -> command.contains("-Dkingcdn.process=") && command.contains(state.toString()))
                    .toList();
        }
    }

    private static String read(Path commandLine) {
        try {
            return Files.readString(commandLine).replace('\0', ' ');
        } catch (IOException e) {
            // it has ended meanwhile
            return "";
        }
    }
}
