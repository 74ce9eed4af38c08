package com.kingcdn.redirector;

import static com.kingcdn.redirector.RunningRedirector.ADMIN;
import static com.kingcdn.redirector.RunningRedirector.EDGE;
import static com.kingcdn.redirector.RunningRedirector.assertProblem;
import static com.kingcdn.redirector.RunningRedirector.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Each call of the control API over HTTP, and each way to get it wrong. */
final class ControlApiIT {

    private static final String SIN =
            """
            {"id": "sin", "place": {"latitude": 1.35, "longitude": 103.8}, "nodes": [{"id": "sin-1", "ipv4": "127.0.3.1"}]}
            """;

    @TempDir
    static Path directory;

    private static RunningRedirector redirector;

    @BeforeAll
    static void start() throws IOException {
        redirector = RunningRedirector.start(directory);
    }

    @AfterAll
    static void stop() {
        redirector.close();
    }

    @Test
    void aClusterIsMadeShownReplacedDrainedAndRemoved() throws Exception {
        HttpResponse<String> created = redirector.put("/v1/clusters/sin", SIN);
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        assertThat(json(created).get("source").asString()).isEqualTo("api");

        HttpResponse<String> shown = redirector.get("/v1/clusters/sin");
        assertThat(shown.statusCode()).isEqualTo(200);
        // what GET shows can be sent back as it is
        assertThat(redirector.put("/v1/clusters/sin", shown.body()).statusCode())
                .isEqualTo(200);
        assertThat(json(redirector.get("/v1/clusters")).get("clusters")).hasSize(3);

        assertThat(json(redirector.post("/v1/clusters/sin/drain", ""))
                        .get("drained")
                        .asBoolean())
                .isTrue();
        assertThat(json(redirector.post("/v1/clusters/sin/undrain", ""))
                        .get("drained")
                        .asBoolean())
                .isFalse();

        assertThat(redirector.delete("/v1/clusters/sin").statusCode()).isEqualTo(204);
        assertProblem(redirector.get("/v1/clusters/sin"), 404, "there is no cluster 'sin'");
        assertProblem(redirector.delete("/v1/clusters/sin"), 404, "there is no cluster 'sin'");
        assertProblem(redirector.post("/v1/clusters/sin/drain", ""), 404, "there is no cluster 'sin'");
    }

    @Test
    void aDistributionIsMadeAndItsHostServed() throws Exception {
        String body = "{\"hosts\": [\"pictures.example\"], \"origins\": [{\"url\": \"http://127.0.0.1:8600\"}]}";

        HttpResponse<String> created = redirector.put("/v1/distributions/b2", body);
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        assertThat(json(created).at("/status/edgeHostname").asString()).isEqualTo("b2.kingcdn.example");
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(redirector
                        .get("/v1/explain?name=pictures.example&client=192.0.2.1")
                        .statusCode())
                .isEqualTo(200));
        assertThat(redirector.get("/v1/distributions/b2").statusCode()).isEqualTo(200);
        assertThat(json(redirector.get("/v1/distributions")).get("distributions"))
                .hasSize(2);
        assertThat(redirector.delete("/v1/distributions/b2").statusCode()).isEqualTo(204);
        assertProblem(redirector.get("/v1/distributions/b2"), 404, "there is no distribution 'b2'");
    }

    /** A secret goes in and never comes out; what GET shows can be sent back all the same. */
    @Test
    void signingSecretsAreWrittenAndNeverRead() throws Exception {
        String secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA";
        String body = "{\"hosts\": [\"signed.example\"], \"origins\": [{\"url\": \"http://127.0.0.1:1\"}],"
                + "\"signing\": {\"keys\": [{\"kty\": \"oct\", \"kid\": \"a\", \"k\": \"" + secret + "\"}]}}";
        HttpResponse<String> created = redirector.put("/v1/distributions/b4", body);
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        assertThat(created.body()).doesNotContain(secret);
        HttpResponse<String> shown = redirector.get("/v1/distributions/b4");
        assertThat(shown.body()).contains("\"kid\":\"a\"", "\"k\":\"***\"").doesNotContain(secret);
        assertThat(redirector.get("/v1/distributions").body()).doesNotContain(secret);
        assertThat(redirector.put("/v1/distributions/b4", shown.body()).statusCode())
                .isEqualTo(200);
        assertProblem(
                redirector.put("/v1/distributions/b4", shown.body().replace("\"kid\":\"a\"", "\"kid\":\"b\"")),
                422,
                "there is no secret of this kid to keep");
        assertProblem(redirector.put("/v1/distributions/b4", body.replace(secret, "c2hvcnQ")), 400, "needs exactly k");
        assertThat(redirector.delete("/v1/distributions/b4").statusCode()).isEqualTo(204);
    }

    @Test
    void theFilesObjectsCannotBeChangedHereAndHostsBelongToOne() throws Exception {
        assertProblem(
                redirector.put("/v1/clusters/fra", SIN.replace("\"sin\"", "\"fra\"")),
                409,
                "stands in the configuration file");
        assertProblem(redirector.delete("/v1/distributions/a1105"), 409, "stands in the configuration file");
        assertProblem(
                redirector.put(
                        "/v1/distributions/b3",
                        "{\"hosts\": [\"video.netcinema.example\"], \"origins\": [{\"url\": \"http://127.0.0.1:1\"}]}"),
                409,
                "belongs to distribution 'a1105' already");
    }

    @Test
    void edgesAskWhomToProbe_andAreNotToldTheSameTwice() throws Exception {
        HttpResponse<String> targets = redirector.send(redirector.request("/v1/probe-targets", EDGE));
        assertThat(targets.statusCode()).isEqualTo(200);
        assertThat(json(targets).get("targets")).isEmpty();
        String tag = targets.headers().firstValue("etag").orElseThrow();
        HttpResponse<String> again =
                redirector.send(redirector.request("/v1/probe-targets", EDGE).header("If-None-Match", tag));
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertProblem(redirector.get("/v1/probe-targets"), 403, "this needs the edge token");
    }

    @Test
    void explainShowsTheWholeDecision() throws Exception {
        String rtt =
                "{\"node\":\"fra-1\",\"cluster\":\"fra\",\"measurements\":[{\"prefix\":\"192.0.2.0/24\",\"rttMillis\":12.5,\"loss\":0.01}]}";
        assertThat(redirector.send("POST", "/v1/reports/rtt", EDGE, rtt).statusCode())
                .isEqualTo(204);

        String path = "/v1/explain?name=video.netcinema.example&client=203.0.113.1&ecs=192.0.2.0/24";
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            redirector.reportHealth("fra-1", "fra", 0, "");
            JsonNode now = json(redirector.get(path));
            assertThat(now.get("chosen").asString()).isEqualTo("fra");
            assertThat(now.at("/candidates/0/rttMillis").asDouble())
                    .as("the next round of remapping")
                    .isEqualTo(12.5);
        });
        JsonNode shown = json(redirector.get(path));
        assertThat(shown.get("edgeHostname").asString()).isEqualTo("a1105.kingcdn.example");
        assertThat(shown.get("client").asString()).isEqualTo("192.0.2.0/24");
        assertThat(shown.get("reason").asString()).isEqualTo("coverage");
        assertThat(shown.get("scope").asInt()).isEqualTo(24);
        assertThat(shown.get("addresses")).isNotEmpty();
        assertThat(shown.at("/candidates/0/cluster").asString()).isEqualTo("fra");
        assertThat(shown.at("/candidates/0/covers").asBoolean()).isTrue();
        assertThat(shown.at("/candidates/0/measuredFor").asString()).isEqualTo("192.0.2.0/24");
        assertThat(shown.at("/candidates/0/confidence").asDouble()).isBetween(0.3, 0.34);
        assertThat(shown.get("roundAgeMillis").asLong())
                .as("costs are of now, the choice is of the last round")
                .isBetween(0L, Duration.ofMinutes(2).toMillis());
        assertThat(shown.get("candidates")).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void aDryRunListsWhatWouldMove() throws Exception {
        assertProblem(redirector.post("/v1/config/dry-run", "clusters: [{id: fra}]"), 422, "place");
        HttpResponse<String> answer = redirector.post(
                "/v1/config/dry-run",
                "clusters: [{id: new, place: {latitude: 1, longitude: 1},"
                        + " nodes: [{id: new-1, ipv4: 192.0.2.77}], coverage: [198.51.100.0/24]}]");
        assertThat(answer.statusCode()).isEqualTo(200);
        JsonNode report = json(answer);
        assertThat(report.get("prefixes").asInt()).isPositive();
        assertThat(report.get("moves").toString()).contains("\"to\":\"new\"");
        assertThat(redirector.get("/v1/clusters/new").statusCode()).isEqualTo(404);
        assertThat(report.get("otherPlacements")).isEmpty();
    }

    @Test
    void aDryRunNamesTheDistributionsThatWouldBeElsewhere_andRefusesOneThatThereIsNot() throws Exception {
        String clusters =
                "clusters: [{id: new, place: {latitude: 1, longitude: 1}, nodes: [{id: new-1, ipv4: 192.0.2.77}]}]";
        String placed =
                "distributions: [{id: local, origins: [{url: \"http://192.0.2.1\"}], placement: {clusters: [new]}}]\n"
                        + clusters;
        assertThat(json(redirector.post("/v1/config/dry-run", placed))
                        .get("otherPlacements")
                        .toString())
                .isEqualTo("[\"local\"]");
        assertThat(redirector
                        .post("/v1/config/dry-run?distribution=local", placed)
                        .statusCode())
                .isEqualTo(200);
        assertProblem(
                redirector.post("/v1/config/dry-run?distribution=lokal", placed),
                422,
                "there is no distribution 'lokal', neither now nor then");
        assertProblem(
                redirector.post("/v1/config/dry-run?distribution=a1105", placed),
                422,
                "there would be no distribution 'a1105' any more");
    }

    @Test
    void explainHasTheReasonsThatTheLogHas() throws Exception {
        JsonNode shown = json(redirector.get("/v1/explain?name=video.netcinema.example&client=::1"));
        assertThat(shown.get("reason").asString()).isIn("default_order", "last_known_good");
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/explain, 422, needs the parameter 'name'",
        "/v1/explain?name=video.netcinema.example, 422, needs the parameter 'client'",
        "/v1/explain?name=video.netcinema.example&client=x, 422, is not an IP address",
        "/v1/explain?name=video.netcinema.example&ecs=192.0.2.1/24, 422, did you mean",
        "/v1/explain?name=www.other.example&client=192.0.2.1, 404, there is no customer host or edge hostname",
        "/v1/explain?name=..&client=192.0.2.1, 422, name",
        "/v1/steering/a1105/hls, 404, is not served here",
        "/v2/clusters, 404, is not served here",
        "/v1/clusters/%00, 404, there is no cluster"
    })
    void whatIsNotThereIsSaid(String path, int status, String reason) throws Exception {
        assertProblem(redirector.get(path), status, reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            {"urls": [                         | 400 | not JSON at line
            {"url": ["http://a/"]}             | 400 | unknown key 'url'; known here: distributions, hosts, mode, prefixes, tags, urls
            {"urls": "http://a/"}              | 400 | not a list
            {"urls": [], "urls": []}           | 400 | Duplicate
            {"urls": [], "mode": "gentle"}     | 400 | 'gentle' is not one of the values
            {"urls": []} {}                    | 400 | not an object with keys
            []                                 | 400 | object
            """)
    void malformedBodiesAreRefusedWithTheReason(String body, int status, String reason) throws Exception {
        assertProblem(redirector.post("/v1/purges", body), status, reason);
    }

    @Test
    void objectsThatAreNotValidAreRefused() throws Exception {
        assertProblem(redirector.put("/v1/clusters/x", "{}"), 400, "needs a place");
        assertProblem(redirector.put("/v1/clusters/x", SIN), 422, "the body is of 'sin' and the path of 'x'");
        assertProblem(
                redirector.put("/v1/clusters/X_", SIN.replace("\"sin\"", "\"X_\"")), 400, "must be 1 to 63 lower-case");
        assertProblem(redirector.put("/v1/clusters/x", "[1]"), 400, "");
        assertProblem(redirector.put("/v1/clusters/x", ""), 400, "the body is empty");
        assertProblem(redirector.post("/v1/fills", "null"), 400, "the body is empty or null");
        HttpResponse<String> unknown = redirector.put("/v1/clusters/sin", SIN.replace("}]", ", \"ipv5\": \"::1\"}]"));
        assertProblem(unknown, 400, "unknown key 'ipv5'");
        assertThat(json(unknown).get("pointer").asString()).isEqualTo("/nodes/0/ipv5");
    }

    /** What is written as something else is refused, not bent to what fits. */
    @Test
    void numbersThatDoNotFitAreRefused() throws Exception {
        for (String port : new String[] {"80.5", "8e1", "\"80.5\""}) {
            String body = SIN.replace("\"127.0.3.1\"", "\"127.0.3.1\", \"port\": " + port);
            assertProblem(redirector.put("/v1/clusters/sin", body), 400, "not a whole number");
        }
        String huge = SIN.replace("\"127.0.3.1\"", "\"127.0.3.1\", \"port\": 99999999999");
        assertProblem(redirector.put("/v1/clusters/sin", huge), 400, "the number is out of range");
        assertThat(redirector.put("/v1/clusters/x", "{\"place\": {").body()).doesNotContain("StreamReadFeature");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a\\r\\nb", "/a b", "/a#b", "/a%", "/a%4", "/100%zz"})
    void aPathThatNoRequestCanHaveIsNotFilled(String path) throws Exception {
        HttpResponse<String> refused = redirector.post(
                "/v1/fills", "{\"distribution\": \"a1105\", \"paths\": [\"/f%C3%ADne?a=%25\", \"" + path + "\"]}");
        assertProblem(refused, 422, "percent-encode");
        assertThat(json(refused).get("pointer").asString()).isEqualTo("/paths/1");
    }

    @Test
    void methodsAndTypesThatAreNotServedAreRefused() throws Exception {
        HttpResponse<String> method =
                redirector.send(redirector.request("/v1/purges", ADMIN).method("PATCH", BodyPublishers.noBody()));
        assertProblem(method, 405, "");
        assertThat(method.headers().firstValue("Allow")).contains("POST");
        for (String path : new String[] {"/v1/purges", "/v1/fills"}) {
            HttpRequest.Builder untyped = redirector.request(path, ADMIN).POST(BodyPublishers.ofString("{}"));
            assertProblem(redirector.send(untyped), 415, "Content-Type: application/json");
            assertProblem(
                    redirector.send(untyped.header("Content-Type", "text/plain")),
                    415,
                    "Content-Type: application/json");
        }
        assertProblem(
                redirector.post("/v1/purges", "{\"urls\": [\"http://a/" + "x".repeat(1024 * 1024) + "\"]}"),
                413,
                "larger than 1048576 bytes");
    }

    @Test
    void everyCallNeedsTheTokenOfItsRole() throws Exception {
        for (String path : new String[] {"/v1/clusters", "/v1/none", "/v1", "/v1/events", "/v1/reports/health"}) {
            HttpResponse<String> none = redirector.send(redirector.request(path, null));
            assertProblem(none, 401, "Authorization: Bearer TOKEN");
            assertThat(none.headers().firstValue("WWW-Authenticate")).contains("Bearer");
            HttpResponse<String> wrong = redirector.send(redirector.request(path, "wrong-token-0123456789"));
            assertProblem(wrong, 401, "not known");
            assertThat(wrong.headers().firstValue("WWW-Authenticate")).contains("Bearer error=\"invalid_token\"");
        }
        assertProblem(redirector.send(redirector.request("/v1/clusters", EDGE)), 403, "admin token");
        assertProblem(redirector.send(redirector.request("/v1/events", ADMIN)), 403, "edge token");
        assertProblem(redirector.send("POST", "/v1/reports/load", ADMIN, "{}"), 403, "edge token");
        // no other spelling of the path goes round the filter
        assertProblem(redirector.send(redirector.request("/%76%31/clusters", null)), 401, "");
        assertProblem(redirector.send(redirector.request("//v1/clusters", null)), 401, "");
    }

    @Test
    void reportsOfUnknownNodesAreRefused() throws Exception {
        String report = "{\"node\":\"fra-9\",\"cluster\":\"fra\",\"ready\":true}";

        assertProblem(
                redirector.send("POST", "/v1/reports/health", EDGE, report), 422, "node 'fra-9' is not configured");
        assertProblem(redirector.send("POST", "/v1/reports/load", EDGE, report), 422, "not configured");
        assertProblem(redirector.send("POST", "/v1/reports/rtt", EDGE, "{}"), 400, "needs a node and a cluster");
    }

    @Test
    void loadIsShownWithItsNode() throws Exception {
        String load =
                "{\"node\":\"nyc-1\",\"cluster\":\"nyc\",\"requestsPerSecond\":12.5,\"bitsPerSecond\":8e6,\"connections\":3}";
        assertThat(redirector.send("POST", "/v1/reports/load", EDGE, load).statusCode())
                .isEqualTo(204);

        assertThat(json(redirector.get("/v1/clusters/nyc"))
                        .at("/status/nodes/0/load/requestsPerSecond")
                        .asDouble())
                .isEqualTo(12.5);
    }

    @Test
    void metricsAndHealthNeedNoTokenAndOtherActuatorsAreOff() throws Exception {
        HttpResponse<String> metrics = redirector.send(redirector.request("/metrics", null));
        assertThat(metrics.body()).contains("kingcdn_redirector_config_valid 1.0");
        for (String probe : new String[] {"liveness", "readiness"}) {
            assertThat(redirector
                            .send(redirector.request("/actuator/health/" + probe, null))
                            .statusCode())
                    .isEqualTo(200);
        }
        for (String other : new String[] {"/actuator", "/actuator/env", "/actuator/beans", "/actuator/shutdown"}) {
            assertProblem(redirector.send(redirector.request(other, null)), 404, "");
        }
    }

    @Test
    void anInvalidConfigurationFileChangesNothingAndTheMetricSaysSo() throws Exception {
        Path yaml = redirector.directory().resolve("cdn.yaml");
        Files.writeString(yaml, RunningRedirector.YAML.replace("nyc", "ewr") + "colour: red\n");
        await().atMost(Duration.ofSeconds(10)).until(() -> metric("kingcdn_redirector_config_valid 0.0"));
        assertThat(redirector.get("/v1/clusters/nyc").statusCode()).isEqualTo(200);

        Files.writeString(yaml, RunningRedirector.YAML + "ttl: {address: 30s}\n");
        await().atMost(Duration.ofSeconds(10)).until(() -> metric("kingcdn_redirector_config_valid 1.0"));
    }

    private static boolean metric(String line) throws Exception {
        HttpRequest.Builder request = redirector.request("/metrics", null);
        return redirector.send(request).body().lines().anyMatch(line::equals);
    }
}
