package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One edge alone with HTTPS and HTTP/3, as the launcher starts it: openssl's certificates, curl, which verifies them, and ngtcp2, whose
 * HTTP/3 is another implementation than ours.
 */
class LauncherTlsIT {

    private static final String ONE = "one.example";
    private static final String TWO = "two.example";
    private static final String LOCALHOST = "localhost";
    private static final String CONTENT = "content";

    @TempDir
    Path directory;

    private HttpServer origin;
    private Process edge;
    private int port;
    private int tlsPort;

    @BeforeEach
    void start() throws Exception {
        origin = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        origin.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Cache-Control", "max-age=600");
            exchange.sendResponseHeaders(200, CONTENT.length());
            exchange.getResponseBody().write(CONTENT.getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        origin.start();
        Files.createDirectories(tls());
        install(ONE, certificate(ONE, "first"));
        install(TWO, certificate(TWO, "first"));
        install(LOCALHOST, certificate(LOCALHOST, "first"));
        Loopback loopback = new Loopback();
        port = loopback.port("127.0.0.1");
        tlsPort = loopback.port("127.0.0.1");
        edge = new Launcher(Map.of("KINGCDN_STATE", directory.resolve("state").toString(), "KINGCDN_REHEARSE", "no"))
                .start(
                        "edge",
                        "--listen",
                        "127.0.0.1:" + port,
                        "--origin",
                        "http://127.0.0.1:" + origin.getAddress().getPort(),
                        "--memory",
                        "64m",
                        "--tls-listen",
                        "127.0.0.1:" + tlsPort,
                        "--tls-dir",
                        tls().toString(),
                        "--http3");
        await("the edge").atMost(Duration.ofMinutes(2)).until(() -> {
            assertThat(edge.isAlive()).as("edge runs").isTrue();
            return Curl.get("http://127.0.0.1:" + port + "/").status() == 200;
        });
    }

    @AfterEach
    void stop() throws Exception {
        // destroying the process itself would close its output
        edge.toHandle().destroy();
        if (!edge.waitFor(20, TimeUnit.SECONDS)) {
            edge.destroyForcibly().waitFor();
        }
        origin.stop(0);
        String log = new String(edge.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(log).as("clients that break a handshake off are no news").doesNotContain("\tat ");
    }

    private Path tls() {
        return directory.resolve("tls");
    }

    /** A pair of files named after the host and what it is called here. */
    private record KeyPair(Path certificate, Path key) {}

    private KeyPair certificate(String host, String called) throws Exception {
        KeyPair pair = new KeyPair(
                directory.resolve(host + "-" + called + ".crt"), directory.resolve(host + "-" + called + ".key"));
        Launcher.Outcome made = Launcher.run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
                + " -days 2 -subj /CN=" + host + " -addext subjectAltName=DNS:" + host + " -keyout " + pair.key()
                + " -out " + pair.certificate());
        assertThat(made.exit()).as(made.printed()).isZero();
        return pair;
    }

    /** As certbot and mounted secrets do it: each file in one step. */
    private void install(String host, KeyPair pair) throws IOException {
        move(pair.key(), host + ".key");
        move(pair.certificate(), host + ".crt");
    }

    private void move(Path from, String name) throws IOException {
        Path beside = Files.copy(from, directory.resolve("beside"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(beside, tls().resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Verifies the host's certificate, of which the client trusts this one only. */
    private Curl.Response get(String host, Path trusted, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.addAll(List.of(
                "--cacert",
                trusted.toString(),
                "--resolve",
                host + ":" + tlsPort + ":127.0.0.1",
                "https://" + host + ":" + tlsPort + "/"));
        return Curl.get(arguments.toArray(String[]::new));
    }

    @Test
    void eachNameHasItsCertificate_overEachVersionOfHttpAndTls() throws Exception {
        for (String host : List.of(ONE, TWO)) {
            Path trusted = directory.resolve(host + "-first.crt");
            for (String[] options : new String[][] {
                {"HTTP/1.1", "--http1.1"},
                {"HTTP/2", "--http2"},
                {"HTTP/2", "--tlsv1.2", "--tls-max", "1.2"},
                {"HTTP/2", "--tlsv1.3", "--tls-max", "1.3"},
                {"HTTP/1.1", "--http1.1", "--tlsv1.2", "--tls-max", "1.2"},
            }) {
                String[] more = List.of(options).subList(1, options.length).toArray(String[]::new);
                Curl.Response response = get(host, trusted, more);
                assertThat(response.error()).isEmpty();
                assertThat(response.version()).as(String.join(" ", options)).isEqualTo(options[0]);
                assertThat(response.status()).isEqualTo(200);
                assertThat(response.text()).isEqualTo(CONTENT);
            }
            assertThat(get(host, trusted).field("cache-status")).contains("; hit");
        }
        assertThat(get(ONE, directory.resolve(TWO + "-first.crt")).exit())
                .as("another host's certificate")
                .isEqualTo(60);
        assertThat(get("stranger.example", directory.resolve(ONE + "-first.crt"))
                        .status())
                .as("a name without a certificate")
                .isZero();
    }

    /** RFC 9114, as ngtcp2 and nghttp3 understand it. */
    @Test
    void anotherImplementationSpeaksHttp3() throws Exception {
        Path downloads = Files.createDirectories(directory.resolve("downloads"));
        String url = " https://localhost:" + tlsPort + "/file";
        String command =
                "gtlsclient --no-quic-dump --no-http-dump --exit-on-all-streams-close --timeout=20s --download="
                        + downloads + " localhost " + tlsPort;
        assertThat(Launcher.run(command + url).printed()).contains("[:status: 200]", "[cache-control: max-age=600]");
        assertThat(downloads.resolve("file")).hasContent(CONTENT);
        Launcher.Outcome hits = Launcher.run(command + " --nstreams=20" + url);
        assertThat(hits.exit()).as(hits.printed()).isZero();
        assertThat(hits.printed().split("\\[:status: 200]", -1)).hasSize(21);
        assertThat(hits.printed()).containsPattern("\\[cache-status: [^]]*; hit");
        assertThat(Launcher.run(command + " --http-method=HEAD" + url).printed())
                .contains("[:status: 200]", "[content-length: " + CONTENT.length() + "]");
        assertThat(get(ONE, directory.resolve(ONE + "-first.crt")).field("alt-svc"))
                .isEqualTo("h3=\":" + tlsPort + "\"; ma=86400");
    }

    @Test
    void aReplacedCertificateIsTakenWhileItRuns_andABrokenOneHurtsItsOwnHostOnly() throws Exception {
        KeyPair renewed = certificate(ONE, "renewed");
        assertThat(get(ONE, renewed.certificate()).exit()).as("not yet").isEqualTo(60);
        install(ONE, renewed);
        await("the renewed certificate")
                .atMost(Duration.ofSeconds(20))
                .until(() -> get(ONE, renewed.certificate()).status() == 200);

        Files.writeString(tls().resolve(TWO + ".crt"), "no certificate");
        Files.writeString(tls().resolve("three.example.crt"), "no certificate");
        KeyPair latest = certificate(ONE, "latest");
        install(ONE, latest);
        // what was installed after the broken ones is in use: those have been seen too
        await("what comes after")
                .atMost(Duration.ofSeconds(20))
                .until(() -> get(ONE, latest.certificate()).status() == 200);
        assertThat(get(TWO, directory.resolve(TWO + "-first.crt")).status())
                .as("what the host had before stays in use")
                .isEqualTo(200);
        assertThat(get("three.example", latest.certificate()).status())
                .as("never had a good one")
                .isZero();
    }
}
