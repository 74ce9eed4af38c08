package com.kingcdn.redirector;

import static com.kingcdn.redirector.RunningRedirector.assertProblem;
import static com.kingcdn.redirector.RunningRedirector.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the control API takes for edges to do, and tells of what came of it: purges and fills. */
final class PurgeApiIT {

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
    void aPurgeIsAcceptedAndItsReceiptsShown() throws Exception {
        redirector.reportHealth("fra-2", "fra", 0, "");
        HttpResponse<String> accepted =
                redirector.post("/v1/purges", "{\"urls\": [\"https://video.netcinema.example/6Y7B23V\"]}");
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        String id = json(accepted).get("id").asString();
        long sequence = json(accepted).get("sequence").asLong();
        assertThat(accepted.headers().firstValue("Location")).contains("/v1/purges/" + id);

        JsonNode before = json(redirector.get("/v1/purges/" + id));
        assertThat(before.get("complete").asBoolean()).isFalse();
        assertThat(before.get("missing").valueStream().map(node -> node.get("node")
                        .asString()))
                .contains("fra-2");

        String receipt = ",\"receipts\":[{\"id\":\"%s\",\"sequence\":%d,\"appliedAtMillis\":1000,\"entries\":2}]"
                .formatted(id, sequence);
        redirector.reportHealth("fra-2", "fra", sequence, receipt);

        JsonNode after = json(redirector.get("/v1/purges/" + id));
        assertThat(after.at("/receipts/0/node").asString()).isEqualTo("fra-2");
        assertThat(after.at("/receipts/0/appliedAt").asString()).isEqualTo("1970-01-01T00:00:01Z");
        assertThat(after.at("/receipts/0/entries").asInt()).isEqualTo(2);
        assertThat(after.get("missing").valueStream().map(node -> node.get("node")
                        .asString()))
                .doesNotContain("fra-2");
        assertProblem(redirector.get("/v1/purges/none"), 404, "there is no purge 'none'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            {}                                                | there is nothing to purge
            {"tags": [""]}                                    | a tag is 1 to 256 printable ASCII characters
            {"tags": ["größe"]}                               | a tag is 1 to 256 printable ASCII characters
            {"hosts": ["other.example"]}                      | no distribution serves the host 'other.example'
            {"hosts": ["video.netcinema.example/x"]}          | is no host name
            {"prefixes": ["/a"]}                              | is no absolute http or https URL
            {"prefixes": ["http://video.netcinema.example/a?b"]} | a prefix is a path
            {"distributions": ["z9"]}                         | there is no distribution 'z9'
            {"hosts": ["video.netcinema.example"], "distributions": ["a1105"]} | belong into another purge
            {"urls": ["/6Y7B23V"]}                            | is no absolute http or https URL
            {"urls": ["ftp://video.netcinema.example/x"]}     | is no absolute http or https URL
            {"urls": ["http://video.netcinema.example\\nX/"]} | is no absolute http or https URL
            {"urls": ["http://other.example/x"]}              | no distribution serves the host 'other.example'
            """)
    void aPurgeThatCannotBeDoneIsRefused(String body, String reason) throws Exception {
        assertProblem(redirector.post("/v1/purges", body), 422, reason);
    }

    /** What is longer than an edge can keep in its journal would have it purge all there is at its next start. */
    @ParameterizedTest
    @ValueSource(strings = {"urls", "prefixes"})
    void aUrlIsNoLongerThanARequestCanBe(String key) throws Exception {
        String url = "http://video.netcinema.example/" + "x".repeat(16 * 1024);
        assertProblem(
                redirector.post("/v1/purges", "{\"" + key + "\": [\"" + url + "\"]}"),
                422,
                "a URL has at most 16384 characters");
    }

    @Test
    void aPurgeNamesPrefixesTagsHostsAndDistributions() throws Exception {
        for (String body : new String[] {
            "{\"prefixes\": [\"http://video.netcinema.example/a\"], \"hosts\": [\"a1105.kingcdn.example\"]}",
            "{\"tags\": [\"title-1\", \"a b\"], \"distributions\": [\"a1105\"], \"mode\": \"soft\"}",
            "{\"distributions\": [\"a1105\"]}",
            "{\"tags\": [\"x\"]}"
        }) {
            HttpResponse<String> accepted = redirector.post("/v1/purges", body);
            assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        }
        HttpResponse<String> accepted = redirector.post(
                "/v1/purges", "{\"tags\": [\"title-1\"], \"distributions\": [\"a1105\"], \"mode\": \"soft\"}");
        JsonNode shown =
                json(redirector.get("/v1/purges/" + json(accepted).get("id").asString()));
        assertThat(shown.at("/tags/0").asString()).isEqualTo("title-1");
        assertThat(shown.at("/distributions/0").asString()).isEqualTo("a1105");
        assertThat(shown.get("mode").asString()).isEqualTo("soft");
        assertProblem(
                redirector.post("/v1/purges", "{\"tags\": [], \"distributions\": [\"a1105\"]}"),
                400,
                "leave it out to purge whole distributions");
    }

    @Test
    void aPurgeNamesEdgeHostnamesTooAndItsHostInAnyCase() throws Exception {
        assertThat(redirector
                        .post(
                                "/v1/purges",
                                "{\"urls\": [\"http://a1105.kingcdn.example:8080/x\", \"HTTP://Video.NetCinema.example./x?y#z\"], \"mode\": \"soft\"}")
                        .statusCode())
                .isEqualTo(202);
    }

    @Test
    void aFillIsAcceptedFollowedAndCancelled() throws Exception {
        HttpResponse<String> accepted = redirector.post(
                "/v1/fills", "{\"distribution\": \"a1105\", \"paths\": [\"/6Y7B23V\"], \"clusters\": [\"fra\"]}");
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        String id = json(accepted).get("id").asString();
        String progress =
                ",\"fills\":[{\"id\":\"%s\",\"state\":\"running\",\"pathsDone\":0,\"pathsTotal\":1,\"bytes\":7}]"
                        .formatted(id);
        redirector.reportHealth("fra-1", "fra", 0, progress);

        JsonNode shown = json(redirector.get("/v1/fills/" + id));
        assertThat(shown.get("complete").asBoolean()).isFalse();
        assertThat(shown.get("progress")).hasSize(2);
        assertThat(shown.at("/progress/0/state").asString()).isEqualTo("running");
        assertThat(shown.at("/progress/0/bytes").asInt()).isEqualTo(7);

        assertThat(redirector.delete("/v1/fills/" + id).statusCode()).isEqualTo(204);
        assertThat(redirector.delete("/v1/fills/" + id).statusCode()).isEqualTo(204);
        assertThat(json(redirector.get("/v1/fills/" + id)).get("cancelled").asBoolean())
                .isTrue();
        assertThat(json(redirector.get("/v1/fills")).get("fills")).isNotEmpty();
        assertProblem(redirector.delete("/v1/fills/none"), 404, "there is no fill 'none'");
        assertProblem(
                redirector.post("/v1/fills", "{\"distribution\": \"zz\", \"paths\": [\"/x\"]}"),
                422,
                "there is no distribution 'zz'");
        assertProblem(
                redirector.post(
                        "/v1/fills", "{\"distribution\": \"a1105\", \"paths\": [\"/x\"], \"clusters\": [\"zz\"]}"),
                422,
                "there is no cluster 'zz'");
        assertProblem(
                redirector.post("/v1/fills", "{\"distribution\": \"a1105\", \"paths\": [\"x\"]}"),
                400,
                "each starting with '/'");
    }
}
