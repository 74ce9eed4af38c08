package com.kingcdn.redirector;

import static com.kingcdn.redirector.RunningRedirector.EDGE;
import static com.kingcdn.redirector.RunningRedirector.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.api.ApiTokens;
import com.kingcdn.redirector.publish.SnapshotPublisher;
import com.kingcdn.redirector.server.DnsListeners;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** The whole redirector: what is told to its API shows in its DNS answers, and is still there after a restart. */
@Timeout(90)
final class RedirectorIT {

    @TempDir
    Path directory;

    private static List<String> addresses(InetSocketAddress server, String name) throws IOException {
        SimpleResolver resolver = new SimpleResolver(server);
        resolver.setTimeout(Duration.ofSeconds(5));
        Message answer =
                resolver.send(Message.newQuery(Record.newRecord(Name.fromString(name + "."), Type.A, DClass.IN)));
        return answer.getSection(Section.ANSWER).stream()
                .filter(record -> record instanceof ARecord)
                .map(record -> ((ARecord) record).getAddress().getHostAddress())
                .toList();
    }

    private static void ready(RunningRedirector redirector, String node, String cluster, boolean ready)
            throws Exception {
        String report = "{\"node\":\"%s\",\"cluster\":\"%s\",\"ready\":%s}".formatted(node, cluster, ready);
        assertThat(redirector.send("POST", "/v1/reports/health", EDGE, report).statusCode())
                .isEqualTo(204);
    }

    @Test
    void answersFollowHealthDrainingAndSilence() throws Exception {
        try (RunningRedirector redirector = RunningRedirector.start(directory)) {
            // by the order of the configuration, since nothing is known of the loopback's place
            assertThat(addresses(redirector.dns(), "video.netcinema.example")).containsExactly("127.0.1.1");

            await("the first cluster says it is not ready")
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> {
                        ready(redirector, "nyc-1", "nyc", false);
                        ready(redirector, "fra-1", "fra", true);
                        assertThat(addresses(redirector.dns(), "video.netcinema.example"))
                                .doesNotContain("127.0.1.1");
                    });
            await("a silent node leaves").atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                ready(redirector, "fra-1", "fra", true);
                assertThat(addresses(redirector.dns(), "video.netcinema.example"))
                        .containsExactly("127.0.2.1");
            });
            await("a drained cluster leaves").atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                redirector.post("/v1/clusters/fra/drain", "");
                ready(redirector, "fra-1", "fra", true);
                ready(redirector, "nyc-1", "nyc", true);
                assertThat(addresses(redirector.dns(), "video.netcinema.example"))
                        .containsExactly("127.0.1.1");
            });
            await("all are silent: the last good answer stays")
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(json(redirector.get("/v1/clusters/nyc"))
                                    .at("/status/up")
                                    .asBoolean())
                            .isFalse());
            assertThat(addresses(redirector.dns(), "video.netcinema.example")).containsExactly("127.0.1.1");
        }
    }

    @Test
    void restartsFromItsStateAndAnswersThoughNobodyReports() throws Exception {
        try (RunningRedirector first = RunningRedirector.start(directory)) {
            first.put(
                    "/v1/distributions/b2",
                    "{\"hosts\": [\"pictures.netcinema.example\"], \"origins\": [{\"url\": \"http://127.0.0.1:8600\"}]}");
            first.post("/v1/clusters/nyc/drain", "");
        }
        Files.writeString(directory.resolve("cdn.yaml"), "clusters: [");

        try (RunningRedirector second = RunningRedirector.start(directory)) {
            assertThat(addresses(second.dns(), "pictures.netcinema.example"))
                    .containsExactlyInAnyOrder("127.0.2.1", "127.0.2.2");
            assertThat(second.get("/v1/distributions/b2").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void runsFromTheConfigurationFileAloneWithoutStateTokensAndApi() throws Exception {
        RunningRedirector.prepare(directory);
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(RedirectorApplication.class)
                .run(
                        "--spring.main.web-application-type=none",
                        "--kingcdn.redirector.listen=127.0.0.1:0",
                        "--kingcdn.redirector.threads=1",
                        "--kingcdn.redirector.config=" + directory.resolve("cdn.yaml"))) {
            assertThat(context.getBean(SnapshotPublisher.class).isPublished()).isTrue();
            assertThat(addresses(context.getBean(DnsListeners.class).dnsAddress(), "a1105.kingcdn.example"))
                    .containsExactly("127.0.1.1");
            assertThat(context.getBeanNamesForType(ApiTokens.class)).isEmpty();
        }
        assertThat(directory.resolve("state")).doesNotExist();
    }

    @Test
    void doesNotStartWithoutUsableTokens() throws Exception {
        RunningRedirector.prepare(directory);
        Files.writeString(directory.resolve("edge"), "short");

        assertThatThrownBy(() -> RunningRedirector.start(directory)).rootCause().hasMessageContaining("fewer than 16");
    }

    @Test
    void doesNotStartWithAnUnknownSetting() {
        assertThatThrownBy(() -> RunningRedirector.start(directory, "--kingcdn.redirector.colour=red"))
                .rootCause()
                .hasMessageContaining("colour");
    }

    @Test
    void saysInWordsWhyItDoesNotStart() throws Exception {
        RunningRedirector.prepare(directory);
        Files.writeString(directory.resolve("cdn.yaml"), "clusters: [");

        assertThatThrownBy(() -> RunningRedirector.start(directory))
                .satisfies(failure -> assertThat(new StartFailureAnalyzer().analyze(failure))
                        .isNotNull()
                        .satisfies(analysis -> {
                            assertThat(analysis.getDescription()).contains("cdn.yaml:1: not YAML");
                            assertThat(analysis.getAction()).startsWith("Correct");
                        }));
    }
}
