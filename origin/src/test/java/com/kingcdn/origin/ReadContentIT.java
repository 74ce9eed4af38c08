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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading content over real sockets. */
class ReadContentIT {

    private static final byte[] TITLE = DemoTitle.bytes();

    @TempDir
    static Path directory;

    private static RunningOrigin origin;

    @BeforeAll
    static void start() throws IOException {
        origin = new RunningOrigin(
                directory,
                "--kingcdn.origin.demo-title=true",
                "--kingcdn.origin.cache-control[0].suffix=.mpd",
                "--kingcdn.origin.cache-control[0].value=public, max-age=2",
                "--kingcdn.origin.access-log=" + directory.resolve("access.jsonl"));
    }

    @AfterAll
    static void stop() {
        origin.close();
    }

    @Test
    void theDemoTitleIsServedWholeAndCounted() throws Exception {
        double before = origin.metric("kingcdn_origin_sent_bytes_total");

        HttpResponse<byte[]> response = origin.get(DemoTitle.PATH);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(TITLE);
        assertThat(response.headers().firstValue("content-length")).hasValue(String.valueOf(TITLE.length));
        assertThat(response.headers().firstValue("etag").orElseThrow()).matches("\"[0-9a-f]{64}\"");
        assertThat(response.headers().firstValue("cache-control")).hasValue("public, max-age=3600");
        assertThat(response.headers().firstValue("accept-ranges")).hasValue("bytes");
        await().untilAsserted(() -> assertThat(origin.metric("kingcdn_origin_sent_bytes_total") - before)
                .isEqualTo(TITLE.length));
    }

    @Test
    void aRangeSendsItsBytesOnly() throws Exception {
        double before = origin.metric("kingcdn_origin_sent_bytes_total");

        HttpResponse<byte[]> response = origin.get(DemoTitle.PATH, "Range", "bytes=5000000-5999999");

        assertThat(response.statusCode()).isEqualTo(206);
        assertThat(response.body()).isEqualTo(Arrays.copyOfRange(TITLE, 5_000_000, 6_000_000));
        assertThat(response.headers().firstValue("content-range")).hasValue("bytes 5000000-5999999/" + TITLE.length);
        await().untilAsserted(() -> assertThat(origin.metric("kingcdn_origin_sent_bytes_total") - before)
                .isEqualTo(1_000_000));
    }

    @Test
    void severalRangesComeInOneBody() throws Exception {
        HttpResponse<byte[]> response = origin.get(DemoTitle.PATH, "Range", "bytes=0-99, 3000000-5999999, -100");

        assertThat(response.statusCode()).isEqualTo(206);
        String type = response.headers().firstValue("content-type").orElseThrow();
        String boundary = type.substring(type.indexOf('=') + 1);
        String body = new String(response.body(), ISO_8859_1);
        String[] parts = body.split("(^|\r\n)--" + boundary + "(--)?\r\n");
        assertThat(parts).hasSize(4);
        int[][] ranges = {{0, 100}, {3_000_000, 6_000_000}, {TITLE.length - 100, TITLE.length}};
        for (int i = 0; i < 3; i++) {
            String part = parts[i + 1];
            int end = part.indexOf("\r\n\r\n");
            assertThat(part.substring(0, end))
                    .isEqualTo("Content-Type: application/octet-stream\r\nContent-Range: bytes " + ranges[i][0] + "-"
                            + (ranges[i][1] - 1) + "/" + TITLE.length);
            assertThat(part.substring(end + 4).getBytes(ISO_8859_1))
                    .isEqualTo(Arrays.copyOfRange(TITLE, ranges[i][0], ranges[i][1]));
        }
    }

    @Test
    void aHeadHasNoBodyAndTheConnectionGoesOn() throws Exception {
        String answers = origin.raw("HEAD " + DemoTitle.PATH + " HTTP/1.1\r\nHost: o\r\n\r\nGET " + DemoTitle.PATH
                + " HTTP/1.1\r\nHost: o\r\nRange: bytes=0-3\r\nConnection: close\r\n\r\n");

        String[] messages = answers.split("\r\n\r\n", 3);
        assertThat(messages[0])
                .startsWith("HTTP/1.1 200 OK\r\n")
                .containsIgnoringCase("content-length: " + TITLE.length);
        assertThat(messages[1]).startsWith("HTTP/1.1 206 Partial Content\r\n");
        assertThat(messages[2].getBytes(ISO_8859_1)).isEqualTo(Arrays.copyOf(TITLE, 4));
    }

    @Test
    void aCurrentTagGetsA304WithoutABody() throws Exception {
        String tag = origin.get(DemoTitle.PATH, "Range", "bytes=0-0")
                .headers()
                .firstValue("etag")
                .orElseThrow();

        HttpResponse<byte[]> response = origin.get(DemoTitle.PATH, "If-None-Match", tag);

        assertThat(response.statusCode()).isEqualTo(304);
        assertThat(response.body()).isEmpty();
        assertThat(response.headers().firstValue("content-length")).isEmpty();
        assertThat(response.headers().firstValue("etag")).hasValue(tag);
    }

    @Test
    void rulesSetCacheControl() throws Exception {
        origin.put("/live/a.mpd", "<MPD/>".getBytes(UTF_8));

        HttpResponse<byte[]> response = origin.get("/live/a.mpd");

        assertThat(response.headers().firstValue("cache-control")).hasValue("public, max-age=2");
        assertThat(response.headers().firstValue("content-type")).hasValue("application/dash+xml");
    }

    @Test
    void anEmptyContentIsServed() throws Exception {
        origin.put("/empty", new byte[0]);

        assertThat(origin.get("/empty").statusCode()).isEqualTo(200);
        assertThat(origin.get("/empty").headers().firstValue("content-length")).hasValue("0");
        assertThat(origin.get("/empty", "Range", "bytes=0-0").statusCode()).isEqualTo(416);
    }

    @Test
    void responsesWithoutABodyFollowEachOtherOnOneConnection() throws Exception {
        origin.put("/nothing", new byte[0]);
        String tag = origin.get("/nothing").headers().firstValue("etag").orElseThrow();
        String whole = "GET /nothing HTTP/1.1\r\nHost: o\r\n\r\n";
        String unchanged = "GET /nothing HTTP/1.1\r\nHost: o\r\nIf-None-Match: " + tag + "\r\n\r\n";
        try (Socket socket = origin.connect()) {
            for (int i = 0; i < 300; i++) {
                socket.getOutputStream().write((i % 2 == 0 ? whole : unchanged).getBytes(ISO_8859_1));
                assertThat(head(socket)).startsWith(i % 2 == 0 ? "HTTP/1.1 200 " : "HTTP/1.1 304 ");
            }
        }
    }

    /** Content is answered at once and below WebFlux, the rest later and by it: neither may leave the connection unread. */
    @Test
    void contentAndControlTakeTurnsOnOneConnection() throws Exception {
        String content = "GET /none HTTP/1.1\r\nHost: o\r\n\r\n";
        String control = "GET /metrics?name%5B%5D=none HTTP/1.1\r\nHost: o\r\n\r\n";
        try (Socket socket = origin.connect()) {
            for (int i = 0; i < 400; i++) {
                socket.getOutputStream().write((i % 2 == 0 ? content : control).getBytes(ISO_8859_1));
                String head = head(socket);
                assertThat(head).startsWith(i % 2 == 0 ? "HTTP/1.1 404 " : "HTTP/1.1 200 ");
                Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(head);
                assertThat(length.find()).isTrue();
                socket.getInputStream().readNBytes(Integer.parseInt(length.group(1)));
            }
        }
    }

    private static String head(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) socket.getInputStream().read());
        }
        return head.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%00",
                "/../etc/passwd",
                "/a/../../etc/passwd",
                "/%2e%2e/etc/passwd",
                "/a%2f..%2fb",
                "/.git/config",
                "/%zz",
                "/a|%",
                "//a"
            })
    void aPathThatIsNoNameIsRefusedInWords(String target) throws Exception {
        String answer = origin.raw("GET " + target + " HTTP/1.1\r\nHost: o\r\nConnection: close\r\n\r\n");

        assertThat(answer)
                .startsWith("HTTP/1.1 400 ")
                .containsIgnoringCase("content-type: application/problem+json")
                .contains("\"detail\":\"")
                .doesNotContain("Exception")
                .doesNotContain("at com.");
    }

    @Test
    void aPathThatIsTooLongIsRefused() throws Exception {
        assertThat(origin.raw("GET /" + "a".repeat(2000) + " HTTP/1.1\r\nHost: o\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(origin.raw("GET /" + "a".repeat(100_000) + " HTTP/1.1\r\nHost: o\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 414 ");
    }

    /** 32 KiB of a client's, and what edges add to it. */
    @Test
    void theLongestHeadThatAnEdgeSendsIsRead() throws Exception {
        assertThat(origin.raw("GET " + DemoTitle.PATH
                        + " HTTP/1.1\r\nHost: o\r\nRange: bytes=0-0\r\nConnection: close\r\nX-A: "
                        + "a".repeat(36 * 1024) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 206 ");
    }

    @Test
    void aRangeOfManyPartsIsRefused() throws Exception {
        String range = "bytes=" + String.join(",", Collections.nCopies(500, "0-0"));
        assertThat(origin.get(DemoTitle.PATH, "Range", range).statusCode()).isEqualTo(416);

        String twentyThousand = "bytes=" + String.join(",", Collections.nCopies(20_000, "0-0"));
        assertThat(origin.raw("GET " + DemoTitle.PATH + " HTTP/1.1\r\nHost: o\r\nConnection: close\r\nRange: "
                        + twentyThousand + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ");
        assertThat(origin.get(DemoTitle.PATH, "Range", "bytes=0-0").statusCode())
                .isEqualTo(206);
    }

    @Test
    void otherMethodsAreRefused() throws Exception {
        HttpResponse<byte[]> response =
                origin.send(origin.request(DemoTitle.PATH).POST(HttpRequest.BodyPublishers.ofString("x")));

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("allow")).hasValue("GET, HEAD");
    }

    @Test
    void whatDoesNotExistIsA404InWords() throws Exception {
        HttpResponse<byte[]> response = origin.get("/none");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.headers().firstValue("content-type")).hasValue("application/problem+json");
        assertThat(response.headers().firstValue("cache-control")).hasValue("no-store");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aClientThatGoesAwayLeavesNoOpenFile() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (Socket socket = origin.connect()) {
                socket.getOutputStream()
                        .write(("GET " + DemoTitle.PATH + " HTTP/1.1\r\nHost: o\r\nRange: bytes=0-,-5\r\n\r\n")
                                .getBytes(ISO_8859_1));
                InputStream in = socket.getInputStream();
                assertThat(in.readNBytes(1000)).hasSize(1000);
            }
        }
        await().untilAsserted(() -> assertThat(openObjects()).isZero());
    }

    @Test
    void whatAnAbortedDownloadSentIsCountedAndNotMore() throws Exception {
        double before = origin.metric("kingcdn_origin_sent_bytes_total");
        try (Socket socket = origin.connect()) {
            socket.setReceiveBufferSize(8 * 1024);
            socket.getOutputStream()
                    .write(("GET " + DemoTitle.PATH + " HTTP/1.1\r\nHost: o\r\n\r\n").getBytes(ISO_8859_1));
            assertThat(socket.getInputStream().readNBytes(100_000)).hasSize(100_000);
        }
        await().untilAsserted(() -> assertThat(origin.metric("kingcdn_origin_sent_bytes_total") - before)
                .isGreaterThan(90_000)
                .isLessThan(TITLE.length));
    }

    @Test
    void healthAndMetricsAreThere() throws Exception {
        assertThat(origin.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
        assertThat(origin.get("/actuator/health/readiness").statusCode()).isEqualTo(200);
        assertThat(origin.metric("kingcdn_origin_store_bytes")).isGreaterThanOrEqualTo(TITLE.length);
        assertThat(origin.metric("jvm_threads_current")).isPositive();
    }

    @Test
    void theAccessLogTellsOfARequestWithoutItsQuery() throws Exception {
        origin.get("/logged?secret=1");

        await().untilAsserted(() -> assertThat(Files.readAllLines(directory.resolve("access.jsonl")))
                .anySatisfy(line -> assertThat(line)
                        .contains("\"client\":\"127.0.0.0/24\"")
                        .contains("\"path\":\"/logged\"")
                        .contains("\"status\":404")));
        assertThat(directory.resolve("access.jsonl")).content().doesNotContain("secret");
    }

    private static long openObjects() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(fd -> {
                        try {
                            return Files.readSymbolicLink(fd).startsWith(directory.resolve("store/objects"));
                        } catch (IOException e) {
                            return false; // closed meanwhile
                        }
                    })
                    .count();
        }
    }
}
