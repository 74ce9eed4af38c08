package com.kingcdn.origin.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.origin.content.CatalogEntry;
import com.kingcdn.origin.content.ContentPath;
import com.kingcdn.origin.content.ContentStore;
import com.kingcdn.origin.content.Upload;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentResponsesTest {

    private static final Instant STORED = Instant.parse("2026-03-01T12:00:00.400Z");
    private static final long NOW = STORED.plusSeconds(60).toEpochMilli();
    private static final int SIZE = 1000;

    @TempDir
    Path directory;

    private ContentStore store;
    private ContentResponses responses;
    private CatalogEntry entry;

    @BeforeEach
    void storeSomething() throws Exception {
        store = ContentStore.open(directory, Clock.fixed(STORED, ZoneOffset.UTC));
        try (Upload upload = store.begin(new ContentPath("/live/a.mpd"), "application/dash+xml", SIZE)) {
            upload.write(ByteBuffer.allocate(SIZE));
            entry = upload.commit(null, present -> true).entry();
        }
        responses = new ContentResponses(
                store.catalog(),
                List.of(
                        new CacheControlRule("/live/", ".mpd", "public, max-age=2"),
                        new CacheControlRule("/live/", null, "public, max-age=60")));
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    @Test
    void theWholeHasValidatorsDigestAndCacheControl() {
        ContentResponse response = get();

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(new ContentResponse.Content(entry, 0, SIZE));
        assertThat(response.fields())
                .isEqualTo(HeaderFields.of(
                        "date", "Sun, 01 Mar 2026 12:01:00 GMT",
                        "etag", "\"" + entry.sha256() + "\"",
                        "last-modified", "Sun, 01 Mar 2026 12:00:00 GMT",
                        "cache-control", "public, max-age=2",
                        "accept-ranges", "bytes",
                        "content-type", "application/dash+xml",
                        "repr-digest", "sha-256=:VBs+naoJsgv4X6Jz5cvT6AGFqk7CmOdl24d0K3ATilM=:"));
    }

    @ParameterizedTest
    @CsvSource({"bytes=0-0, 0, 1", "bytes=990-, 990, 10", "bytes=-1, 999, 1", "bytes=500-5000, 500, 500"})
    void oneRangeIsA206(String range, long first, long length) {
        ContentResponse response = get("range", range);

        assertThat(response.status()).isEqualTo(206);
        assertThat(response.body()).isEqualTo(new ContentResponse.Content(entry, first, length));
        assertThat(response.fields().first("content-range"))
                .isEqualTo("bytes " + first + "-" + (first + length - 1) + "/1000");
    }

    @Test
    void severalRangesAreOneMultipartOfTheAnnouncedLength() {
        ContentResponse response = get("range", "bytes=0-9, 100-109, -10");

        assertThat(response.status()).isEqualTo(206);
        assertThat(response.fields().contains("content-range")).isFalse();
        ContentResponse.Multipart multipart = (ContentResponse.Multipart) response.body();
        MultipartByteRanges parts = multipart.parts();
        assertThat(response.fields().first("content-type"))
                .isEqualTo("multipart/byteranges; boundary=" + parts.boundary());
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            body.append(new String(parts.head(i), UTF_8)).append("..........");
        }
        body.append(new String(parts.tail(), UTF_8));
        assertThat(body.length()).isEqualTo((int) parts.length());
        assertThat(body)
                .startsWith("--" + parts.boundary()
                        + "\r\nContent-Type: application/dash+xml\r\nContent-Range: bytes 0-9/1000\r\n\r\n")
                .contains("Content-Range: bytes 990-999/1000")
                .endsWith("\r\n--" + parts.boundary() + "--\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=1000-", "bytes=-0", "bytes=5000-6000"})
    void aRangeOutsideIsA416WithTheLength(String range) {
        ContentResponse response = get("range", range);

        assertThat(response.status()).isEqualTo(416);
        assertThat(response.fields().first("content-range")).isEqualTo("bytes */1000");
    }

    @Test
    void aRangeOfTenThousandPartsIsRefused() {
        StringBuilder range = new StringBuilder("bytes=0-0");
        for (int i = 1; i < 10_000; i++) {
            range.append(',').append(i % 500 * 2).append('-').append(i % 500 * 2);
        }
        assertThat(get("range", range.toString()).status()).isEqualTo(416);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=5-2", "items=0-1", "bytes=a-b", "bytes"})
    void aRangeThatMeansNothingIsAsIfAbsent(String range) {
        assertThat(get("range", range).status()).isEqualTo(200);
    }

    @Test
    void aHeadHasTheFieldsOfAGetAndNoRange() {
        ContentResponse head = responses.respond("HEAD", "/live/a.mpd", HeaderFields.of("range", "bytes=0-0"), NOW);

        assertThat(head).isEqualTo(get());
    }

    @Test
    void currentValidatorsGetA304WithoutContentFields() {
        String tag = "\"" + entry.sha256() + "\"";
        for (ContentResponse response : List.of(
                get("if-none-match", "\"other\", W/" + tag),
                get("if-modified-since", "Sun, 01 Mar 2026 12:00:00 GMT"))) {
            assertThat(response.status()).isEqualTo(304);
            assertThat(response.fields().first("etag")).isEqualTo(tag);
            assertThat(response.fields().contains("content-type")).isFalse();
            assertThat(response.body().length()).isEqualTo(-1);
        }
        assertThat(get("if-none-match", "\"other\"").status()).isEqualTo(200);
    }

    @Test
    void anotherVersionThanExpectedIsA412() {
        assertThat(get("if-match", "\"other\"").status()).isEqualTo(412);
        assertThat(get("if-unmodified-since", "Sun, 01 Mar 2026 11:59:59 GMT").status())
                .isEqualTo(412);
        assertThat(get("if-match", "\"" + entry.sha256() + "\"").status()).isEqualTo(200);
    }

    /** RFC 9110 section 13.1.5. */
    @Test
    void ifRangeOfAnotherVersionGetsTheWhole() {
        assertThat(get("range", "bytes=0-0", "if-range", "\"" + entry.sha256() + "\"")
                        .status())
                .isEqualTo(206);
        assertThat(get("range", "bytes=0-0", "if-range", "Sun, 01 Mar 2026 12:00:00 GMT")
                        .status())
                .isEqualTo(206);
        assertThat(get("range", "bytes=0-0", "if-range", "\"other\"").status()).isEqualTo(200);
        assertThat(get("range", "bytes=0-0", "if-range", "W/\"" + entry.sha256() + "\"")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /none, 404",
        "GET, /, 404",
        "GET, /live/, 400",
        "GET, /%00, 400",
        "GET, /../live/a.mpd, 400",
        "GET, /live%2Fa.mpd, 400",
        "GET, /content/live/a.mpd, 404",
        "POST, /live/a.mpd, 405",
        "DELETE, /live/a.mpd, 405"
    })
    void whatCannotBeAnsweredIsAProblem(String method, String path, int status) {
        ContentResponse response = responses.respond(method, path, HeaderFields.EMPTY, NOW);

        assertThat(response.status()).isEqualTo(status);
        assertThat(response.fields().first("content-type")).isEqualTo("application/problem+json");
        assertThat(response.fields().first("date")).isEqualTo("Sun, 01 Mar 2026 12:01:00 GMT");
        assertThat(((ContentResponse.Words) response.body()).text())
                .contains("\"status\":" + status)
                .contains("\"detail\":\"");
        assertThat(response.fields().first("allow")).isEqualTo(status == 405 ? "GET, HEAD" : null);
    }

    private ContentResponse get(String... fields) {
        return responses.respond("GET", "/live/a.mpd", HeaderFields.of(fields), NOW);
    }
}
