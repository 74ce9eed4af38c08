package com.kingcdn.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Uploads over real sockets, whole and cut off. */
class IngestIT {

    private static final byte[] CONTENT = "some content".getBytes(UTF_8);
    private static final String AUTHORIZATION = "Authorization: Bearer " + RunningOrigin.TOKEN + "\r\n";

    @TempDir
    static Path directory;

    private static RunningOrigin origin;

    private Map<String, Double> before = Map.of();

    @BeforeAll
    static void start() throws IOException {
        origin = new RunningOrigin(
                directory,
                "--kingcdn.origin.upload.max-size=1MB",
                "--kingcdn.origin.upload.idle-timeout=2s",
                "--kingcdn.origin.upload.max-concurrent=2");
    }

    @AfterAll
    static void stop() {
        origin.close();
    }

    @BeforeEach
    void empty() throws Exception {
        for (JsonNode entry : json(origin.send(origin.authorized("/content"))).get("entries")) {
            String path = entry.get("path").stringValue().replace(" ", "%20");
            origin.send(origin.authorized("/content" + path).DELETE());
        }
        await().until(() -> origin.metric("kingcdn_origin_uploads_running") == 0 && origin.objects() == 0);
        before = origin.metrics();
    }

    /** By how much a metric has grown in this test. */
    private double grown(String series) throws Exception {
        return origin.metric(series) - before.getOrDefault(series, 0.0);
    }

    @Test
    void anUploadIsVisibleAtOnceAndReplacedAtOnce() throws Exception {
        HttpResponse<byte[]> created = origin.put("/a%20b.txt", CONTENT);
        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(created.headers().firstValue("location")).hasValue("/a%20b.txt");
        JsonNode shown = json(created);
        assertThat(shown.get("path").stringValue()).isEqualTo("/a b.txt");
        assertThat(shown.get("size").intValue()).isEqualTo(CONTENT.length);
        assertThat(shown.get("type").stringValue()).isEqualTo("text/plain");
        assertThat(origin.get("/a%20b.txt").body()).isEqualTo(CONTENT);

        HttpResponse<byte[]> replaced = origin.put("/a%20b.txt", "new".getBytes(UTF_8), "Content-Type", "text/html");
        assertThat(replaced.statusCode()).isEqualTo(200);
        HttpResponse<byte[]> read = origin.get("/a%20b.txt");
        assertThat(read.body()).asString(UTF_8).isEqualTo("new");
        assertThat(read.headers().firstValue("content-type")).hasValue("text/html");
        assertThat(read.headers().firstValue("etag"))
                .isEqualTo(replaced.headers().firstValue("etag"));
        assertThat(origin.objects()).isEqualTo(1);
        assertThat(grown("kingcdn_origin_uploads_total{outcome=\"created\",}")).isEqualTo(1);
        assertThat(grown("kingcdn_origin_uploads_total{outcome=\"replaced\",}")).isEqualTo(1);
    }

    @Test
    void aChunkedUploadIsStored() throws Exception {
        HttpResponse<byte[]> response = origin.send(origin.authorized("/content/chunked")
                .PUT(HttpRequest.BodyPublishers.ofByteArrays(Collections.nCopies(100, CONTENT))));

        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(origin.get("/chunked").body()).hasSize(100 * CONTENT.length);
    }

    @Test
    void theRightDigestIsAccepted() throws Exception {
        assertThat(origin.put("/a", CONTENT, "Content-Digest", digest(CONTENT), "Repr-Digest", digest(CONTENT))
                        .statusCode())
                .isEqualTo(201);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Digest", "Repr-Digest"})
    void aWrongDigestIsRefusedAndTheOldVersionStays(String field) throws Exception {
        origin.put("/a", "old".getBytes(UTF_8));

        HttpResponse<byte[]> response = origin.put("/a", CONTENT, field, digest("other".getBytes(UTF_8)));

        assertProblem(response, 400);
        assertThat(origin.get("/a").body()).asString(UTF_8).isEqualTo("old");
        await().untilAsserted(() -> assertThat(origin.objects()).isEqualTo(1));
        assertThat(grown("kingcdn_origin_uploads_total{outcome=\"refused\",}")).isEqualTo(1);
    }

    @Test
    void anUploadCutOffInTheMiddleLeavesNothing() throws Exception {
        try (Socket socket = origin.connect()) {
            send(
                    socket,
                    "PUT /content/cut HTTP/1.1\r\nHost: o\r\n" + AUTHORIZATION + "Content-Length: 1000\r\n\r\n"
                            + "x".repeat(400));
            await().until(() -> grown("kingcdn_origin_received_bytes_total") == 400);
            assertThat(origin.get("/cut").statusCode()).isEqualTo(404);
            assertThat(origin.objects()).isEqualTo(1);
            socket.setSoLinger(true, 0); // reset
        }
        await().untilAsserted(() -> assertThat(origin.objects()).isZero());
        await().until(() -> grown("kingcdn_origin_uploads_total{outcome=\"aborted\",}") == 1);
        assertThat(origin.metric("kingcdn_origin_uploads_running")).isZero();
        assertThat(origin.get("/cut").statusCode()).isEqualTo(404);
    }

    @Test
    void aChunkedUploadCutOffInTheMiddleLeavesNothing() throws Exception {
        try (Socket socket = origin.connect()) {
            send(
                    socket,
                    "PUT /content/cut HTTP/1.1\r\nHost: o\r\n" + AUTHORIZATION
                            + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            await().until(() -> grown("kingcdn_origin_received_bytes_total") == 5);
        }
        await().until(() -> grown("kingcdn_origin_uploads_total{outcome=\"aborted\",}") == 1);
        await().untilAsserted(() -> assertThat(origin.objects()).isZero());
        assertThat(origin.get("/cut").statusCode()).isEqualTo(404);
    }

    /** Wherever the client's leaving meets the commit, the path names the old version or the new, whole, on disk as in memory. */
    @Test
    void aClientThatLeavesAtTheEndOfItsUploadLeavesNoHalfChange() throws Exception {
        origin.put("/left", "first".getBytes(UTF_8));
        for (int i = 0; i < 60; i++) {
            String content = "version " + i;
            try (Socket socket = origin.connect()) {
                send(
                        socket,
                        "PUT /content/left HTTP/1.1\r\nHost: o\r\n" + AUTHORIZATION + "Content-Length: "
                                + content.length() + "\r\n\r\n" + content);
                InputStream in = socket.getInputStream();
                switch (i % 3) {
                    case 0 -> {} // at once
                    case 1 -> await().until(() -> origin.objects() == 2 || in.available() > 0); // on its way to disk
                    default -> assertThat(in.read()).isEqualTo('H'); // just done
                }
                socket.setSoLinger(true, 0); // reset
            }
        }
        await().until(() -> origin.metric("kingcdn_origin_uploads_running") == 0 && origin.objects() == 1);
        assertThat(origin.get("/left").body()).asString(UTF_8).matches("first|version \\d+");
        assertThat(origin.catalogueAfterARestart()).containsExactly("/left");
    }

    @Test
    void anUploadThatFallsSilentIsGivenUp() throws Exception {
        try (Socket socket = origin.connect()) {
            send(
                    socket,
                    "PUT /content/silent HTTP/1.1\r\nHost: o\r\nConnection: close\r\n" + AUTHORIZATION
                            + "Content-Length: 1000\r\n\r\nxxx");
            assertThat(new String(socket.getInputStream().readAllBytes(), ISO_8859_1))
                    .startsWith("HTTP/1.1 408 ");
        }
        await().untilAsserted(() -> assertThat(origin.objects()).isZero());
    }

    @Test
    void moreUploadsThanAllowedAreTurnedAway() throws Exception {
        try (Socket first = origin.connect();
                Socket second = origin.connect()) {
            for (Socket socket : new Socket[] {first, second}) {
                send(
                        socket,
                        "PUT /content/slow HTTP/1.1\r\nHost: o\r\n" + AUTHORIZATION + "Content-Length: 10\r\n\r\nxxx");
            }
            await().until(() -> origin.metric("kingcdn_origin_uploads_running") == 2);

            HttpResponse<byte[]> third = origin.put("/third", CONTENT);

            assertProblem(third, 503);
            assertThat(third.headers().firstValue("retry-after")).hasValue("1");
        }
        await().until(() -> origin.metric("kingcdn_origin_uploads_running") == 0);
        assertThat(origin.put("/third", CONTENT).statusCode()).isEqualTo(201);
    }

    @Test
    void whatIsTooLargeIsRefusedByItsLengthAndByItsBytes() throws Exception {
        byte[] large = new byte[1024 * 1024 + 1];
        assertProblem(origin.put("/large", large), 413);
        assertProblem(
                origin.send(origin.authorized("/content/large")
                        .PUT(HttpRequest.BodyPublishers.ofByteArrays(List.of(large, large)))),
                413);
        await().untilAsserted(() -> assertThat(origin.objects()).isZero());
    }

    @Test
    void onlyTheTokenOpens() throws Exception {
        for (String method : new String[] {"PUT", "DELETE"}) {
            HttpRequest.Builder request =
                    origin.request("/content/a").method(method, HttpRequest.BodyPublishers.ofByteArray(CONTENT));
            HttpResponse<byte[]> without = origin.send(request);
            assertProblem(without, 401);
            assertThat(without.headers().firstValue("www-authenticate")).hasValue("Bearer realm=\"origin\"");
            HttpResponse<byte[]> wrong = origin.send(request.header("Authorization", "Bearer " + "0".repeat(32)));
            assertProblem(wrong, 401);
            assertThat(wrong.headers().firstValue("www-authenticate").orElseThrow())
                    .contains("invalid_token");
        }
        assertProblem(origin.get("/content"), 401);
        assertThat(origin.get("/a").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/content/%00",
                "/content/../a",
                "/content/a/%2e%2e/b",
                "/content/a%2Fb",
                "/content/.a",
                "/content/",
                "/content/content/a",
                "/content/metrics",
                "/content/%zz"
            })
    void aPathThatIsNoNameIsRefusedInWords(String target) throws Exception {
        String answer = origin.raw("PUT " + target + " HTTP/1.1\r\nHost: o\r\nConnection: close\r\n" + AUTHORIZATION
                + "Content-Length: 1\r\n\r\nx");

        assertThat(answer)
                .containsPattern("^HTTP/1.1 40[05] ")
                .containsIgnoringCase("content-type: application/problem+json")
                .doesNotContain("Exception");
        assertThat(origin.objects()).isZero();
    }

    @Test
    void malformedFieldsAreRefused() throws Exception {
        assertProblem(origin.put("/a", CONTENT, "Content-Digest", "sha-256=:!!:"), 400);
        assertProblem(origin.put("/a", CONTENT, "Content-Type", "nonsense"), 400);
        assertProblem(origin.put("/a", CONTENT, "Content-Range", "bytes 0-11/100"), 400);
        assertProblem(origin.put("/a", CONTENT, "Content-Encoding", "gzip"), 415);
        assertProblem(origin.send(origin.authorized("/content?limit=0")), 400);
        assertProblem(
                origin.send(origin.authorized("/content/a").POST(HttpRequest.BodyPublishers.ofByteArray(CONTENT))),
                405);
    }

    @Test
    void conditionsKeepWritersFromOverwritingEachOther() throws Exception {
        String tag = origin.put("/a", CONTENT, "If-None-Match", "*")
                .headers()
                .firstValue("etag")
                .orElseThrow();
        assertProblem(origin.put("/a", CONTENT, "If-None-Match", "*"), 412);
        assertProblem(origin.put("/a", CONTENT, "If-Match", "\"other\""), 412);
        assertThat(origin.put("/a", "new".getBytes(UTF_8), "If-Match", tag).statusCode())
                .isEqualTo(200);
    }

    @Test
    void whatIsDeletedIsGone() throws Exception {
        origin.put("/a", CONTENT);

        assertThat(origin.send(origin.authorized("/content/a").DELETE()).statusCode())
                .isEqualTo(204);

        assertThat(origin.get("/a").statusCode()).isEqualTo(404);
        assertProblem(origin.send(origin.authorized("/content/a").DELETE()), 404);
        assertThat(origin.objects()).isZero();
        assertThat(origin.metric("kingcdn_origin_store_entries")).isZero();
    }

    @Test
    void theCatalogueIsListedPageByPage() throws Exception {
        for (String path : new String[] {"/c", "/a", "/b"}) {
            origin.put(path, CONTENT);
        }
        JsonNode first = json(origin.send(origin.authorized("/content?limit=2")));
        assertThat(first.get("entries").get(0).get("path").stringValue()).isEqualTo("/a");
        assertThat(first.get("entries")).hasSize(2);
        JsonNode last = json(origin.send(
                origin.authorized("/content?limit=2&after=" + first.get("next").stringValue())));
        assertThat(last.get("entries").get(0).get("path").stringValue()).isEqualTo("/c");
        assertThat(last.get("entries").get(0).get("modified").stringValue()).matches("[-0-9]{10}T[:0-9]{8}Z");
        assertThat(last.get("next").isNull()).isTrue();
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static String digest(byte[] content) throws Exception {
        return "sha-256=:"
                + Base64.getEncoder()
                        .encodeToString(MessageDigest.getInstance("SHA-256").digest(content)) + ":";
    }

    private static JsonNode json(HttpResponse<byte[]> response) {
        return new JsonMapper().readTree(response.body());
    }

    private static void assertProblem(HttpResponse<byte[]> response, int status) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).hasValue("application/problem+json");
        assertThat(json(response).get("status").intValue()).isEqualTo(status);
        assertThat(json(response).get("detail").stringValue()).isNotBlank();
    }
}
