package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each expression of the dashboard, asked of a real Prometheus that scrapes a CDN at work. */
@ExtendWith(LocalCdnExtension.class)
class DashboardExpressionsIT {

    private static final Path DASHBOARD = Path.of("../helm/kingcdn/dashboards/kingcdn.json");

    private final LocalCdn cdn;

    @TempDir
    Path directory;

    private String prometheus = "";
    private ServiceProcess process;

    DashboardExpressionsIT(LocalCdn cdn) {
        this.cdn = cdn;
    }

    @BeforeEach
    void start() throws IOException {
        List<String> targets = new ArrayList<>(List.of(authority(cdn.origin()), authority(cdn.api())));
        LocalCdn.CLUSTERS.forEach(cluster -> targets.add(authority(cdn.management(cluster))));
        Path configuration = Files.writeString(
                directory.resolve("prometheus.yml"),
                "global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: kingcdn\n    metrics_path: /metrics\n"
                        + "    static_configs: [{targets: [\"" + String.join("\", \"", targets) + "\"]}]\n");
        String listen = "127.0.0.1:" + new Loopback().port("127.0.0.1");
        prometheus = "http://" + listen;
        process = new ServiceProcess(
                "prometheus",
                List.of(
                        "prometheus",
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + directory.resolve("series"),
                        "--web.listen-address=" + listen,
                        "--log.level=warn"),
                LocalCdn.log("prometheus"));
        process.start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        process.stop();
    }

    private static String authority(String url) {
        return url.substring(url.indexOf("//") + 2);
    }

    @Test
    void everyExpressionHasSeriesOfACdnAtWork() throws Exception {
        List<String> silent = new ArrayList<>(expressions());
        assertThat(silent).hasSizeGreaterThan(15);
        await("a series for each expression")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    work();
                    for (String expression : List.copyOf(silent)) {
                        if (hasSeries(expression)) {
                            silent.remove(expression);
                        }
                    }
                    assertThat(silent).isEmpty();
                });
    }

    /** A miss, hits, and a name that does not exist. */
    private void work() throws Exception {
        String path = "/dashboard-" + ThreadLocalRandom.current().nextInt(1_000_000);
        cdn.store(path, new byte[100_000]);
        for (String cluster : LocalCdn.CLUSTERS) {
            for (int i = 0; i < 2; i++) {
                assertThat(Curl.get(cdn.content(cluster, path)).status()).isEqualTo(200);
            }
        }
        Dig.query(cdn, LocalCdn.HOST);
        Dig.query(cdn, "nobody.kingcdn.example");
    }

    private static List<String> expressions() throws IOException {
        List<String> expressions = new ArrayList<>();
        JsonNode dashboard = new JsonMapper().readTree(Files.readString(DASHBOARD));
        for (JsonNode panel : dashboard.get("panels")) {
            panel.path("targets")
                    .forEach(target ->
                            expressions.add(target.get("expr").stringValue().replace("$__rate_interval", "10s")));
        }
        return expressions;
    }

    /** Whether there is a value that is a number; not so when a scrape is still to come, or something is divided by 0. */
    private boolean hasSeries(String expression) throws Exception {
        Curl.Response response =
                Curl.get("-G", "--data-urlencode", "query=" + expression, prometheus + "/api/v1/query");
        if (response.status() == 0 || response.status() == 503) {
            assertThat(process.isAlive()).as(process.logged()).isTrue();
            return false;
        }
        assertThat(response.status()).as("%s: %s", expression, response.text()).isEqualTo(200);
        JsonNode result = new JsonMapper()
                .readTree(new String(response.body(), StandardCharsets.UTF_8))
                .get("data")
                .get("result");
        for (JsonNode series : result) {
            if (!series.get("value").get(1).stringValue().equals("NaN")) {
                return true;
            }
        }
        return false;
    }
}
