package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.github.luben.zstd.ZstdInputStream;
import com.kingcdn.edge.coding.ContentCoding;
import com.kingcdn.edge.policy.ForwardReason;
import com.kingcdn.edge.policy.Ruled;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;
import com.kingcdn.topology.DeliverySettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Text that is coded once and served to all who can read it (RFC 9110 sections 8.4 and 12.5.3). */
class CompressionIT {

    private static final String TEXT = "To be, or not to be, that is the question. ".repeat(20_000);

    private final CacheSetup setup =
            new CacheSetup(plain -> Ruled.with(plain, new DeliverySettings(null, true, null, null, false)));
    private volatile HeaderFields asked = HeaderFields.EMPTY;

    @BeforeEach
    void publish() {
        publish("\"one\"", "text/html; charset=utf-8", "max-age=60");
    }

    @AfterEach
    void close() {
        setup.close();
    }

    private void publish(String etag, String type, String control) {
        setup.origin.on("/text", (request, response) -> {
            HeaderFields.Builder seen = HeaderFields.builder();
            request.requestHeaders().forEach(line -> seen.add(line.getKey(), line.getValue()));
            asked = seen.build();
            response.header("etag", etag).header("content-type", type).header("cache-control", control);
            if (etag.equals(request.requestHeaders().get("if-none-match"))) {
                return response.status(304).send();
            }
            byte[] octets = TEXT.getBytes(StandardCharsets.UTF_8);
            return response.header("content-length", String.valueOf(octets.length))
                    .send(setup.origin.pieces(octets, 0, octets.length));
        });
    }

    private Received get(String accepted, String... fields) {
        String[] all = new String[fields.length + 2];
        all[0] = "accept-encoding";
        all[1] = accepted;
        System.arraycopy(fields, 0, all, 2, fields.length);
        return setup.get("/text", all);
    }

    private static String decode(ContentCoding coding, byte[] octets) throws IOException {
        ByteArrayInputStream coded = new ByteArrayInputStream(octets);
        try (InputStream content =
                switch (coding) {
                    case BR -> new BrotliInputStream(coded);
                    case ZSTD -> new ZstdInputStream(coded);
                    case GZIP -> new GZIPInputStream(coded);
                }) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @EnumSource(ContentCoding.class)
    void textIsCodedOnceAndServedFromTheStore(ContentCoding coding) throws IOException {
        assertThat(coding.isAvailable()).isTrue();

        Received first = get(coding.token());
        Received second = get(coding.token() + ", identity;q=0.5");

        assertThat(first.fields().first("content-encoding")).isEqualTo(coding.token());
        assertThat(first.fields().first("etag")).isEqualTo("W/\"one\"");
        assertThat(first.fields().all("vary")).containsExactly("accept-encoding");
        assertThat(decode(coding, first.content())).isEqualTo(TEXT);
        assertThat(first.content().length).isLessThan(TEXT.length() / 10);
        assertThat(second.cacheStatus().isHit()).isTrue();
        assertThat(second.content()).isEqualTo(first.content());
        assertThat(second.contentLength()).isEqualTo(first.content().length);
        assertThat(setup.origin.requests()).hasSize(1);
        assertThat(asked.first("accept-encoding")).isEqualTo("identity");
        assertThat(asked.contains(":coding")).isFalse();
    }

    /** RFC 9110 section 8.8.2.2: the coded form and the plain one have the same date, so that it does not tell whose part a client has. */
    @Test
    void aDateNamesNoFormThatAPartIsOf() throws IOException {
        String date = HttpDate.format(setup.now.get() - 100_000);
        byte[] octets = TEXT.getBytes(StandardCharsets.UTF_8);
        setup.origin.on("/text", (request, response) -> response.header("last-modified", date)
                .header("content-type", "text/html")
                .header("cache-control", "max-age=60")
                .header("content-length", String.valueOf(octets.length))
                .send(setup.origin.pieces(octets, 0, octets.length)));
        setup.get("/text");

        Received plain = setup.get("/text", "range", "bytes=100-", "if-range", date);
        Received perhapsCoded = get("gzip", "range", "bytes=100-", "if-range", date);

        assertThat(plain.status()).isEqualTo(206);
        assertThat(perhapsCoded.status()).isEqualTo(200);
        assertThat(decode(ContentCoding.GZIP, perhapsCoded.content())).isEqualTo(TEXT);
    }

    /** RFC 9110 section 12.5.3: by weight, and the smallest result among equals. */
    @Test
    void theClientsWeightsDecide() {
        assertThat(get("gzip, br, zstd").fields().first("content-encoding")).isEqualTo("br");
        assertThat(get("gzip, br;q=0.5").fields().first("content-encoding")).isEqualTo("gzip");
        assertThat(get("br;q=0, *").fields().first("content-encoding")).isEqualTo("zstd");
        assertThat(get("identity, gzip;q=0.1").fields().contains("content-encoding"))
                .isFalse();
        assertThat(get("deflate").fields().contains("content-encoding")).isFalse();
        assertThat(setup.get("/text").text()).isEqualTo(TEXT);
        assertThat(setup.get("/text").fields().all("vary")).containsExactly("accept-encoding");
        assertThat(setup.origin.requests()).hasSize(1);
    }

    /** RFC 9110 section 14.2: a range is one of the coded octets, once they are there. */
    @Test
    void rangesAreOfTheCodedForm() {
        byte[] coded = get("gzip").content();

        Received part = get("gzip", "range", "bytes=10-19");

        assertThat(part.status()).isEqualTo(206);
        assertThat(part.fields().first("content-range")).isEqualTo("bytes 10-19/" + coded.length);
        assertThat(part.content()).isEqualTo(Arrays.copyOfRange(coded, 10, 20));
        // a weak tag never vouches for octets (section 13.1.5)
        assertThat(get("gzip", "range", "bytes=10-19", "if-range", "W/\"one\"").status())
                .isEqualTo(200);
    }

    @Test
    void aClientsCopyIsConfirmedByItsWeakTag() {
        get("br");

        assertThat(get("br", "if-none-match", "W/\"one\"").status()).isEqualTo(304);
    }

    /** RFC 9111 section 4.3.4: the source is validated, and the coded form lives on with it. */
    @Test
    void theCodedFormIsNotMadeAgainAfterAValidation() {
        byte[] before = get("br").content();
        setup.advance(Duration.ofSeconds(61));

        Received validated = get("br");
        Received hit = get("br");

        assertThat(validated.cacheStatus().forward()).isEqualTo(ForwardReason.STALE);
        assertThat(validated.cacheStatus().forwardStatus()).isEqualTo(304);
        assertThat(validated.content()).isEqualTo(before);
        assertThat(validated.contentLength()).as("made before").isEqualTo(before.length);
        assertThat(hit.cacheStatus().isHit()).isTrue();
        assertThat(setup.origin.requests()).hasSize(2);
    }

    @Test
    void aNewVersionIsCodedAnew() {
        get("br");
        setup.advance(Duration.ofSeconds(61));
        publish("\"two\"", "text/plain", "max-age=60");

        assertThat(get("br").fields().first("etag")).isEqualTo("W/\"two\"");
        assertThat(get("br").fields().first("etag")).isEqualTo("W/\"two\"");
    }

    @Test
    void onePurgeIsForAllForms() {
        get("br");
        get("gzip");

        setup.store.remove(setup.key("/text"));

        assertThat(get("br").cacheStatus().forward()).isEqualTo(ForwardReason.URI_MISS);
    }

    /** RFC 9110 section 7.7, RFC 9111 section 5.2.2.6. */
    @Test
    void whatMayNotBeChangedOrIsNoTextStaysAsItIs() {
        publish("\"one\"", "text/html", "max-age=60, no-transform");
        assertThat(get("br").text()).isEqualTo(TEXT);
        setup.store.remove(setup.key("/text"));
        publish("\"one\"", "video/mp4", "max-age=60");
        assertThat(get("br").fields().contains("content-encoding")).isFalse();
        assertThat(get("br").fields().contains("vary")).isFalse();
        setup.origin.on("/coded", (request, response) -> response.header("content-type", "text/html")
                .header("content-encoding", "gzip")
                .header("cache-control", "max-age=60")
                .sendString(Mono.just("x".repeat(1000))));
        assertThat(setup.get("/coded", "accept-encoding", "br").fields().first("content-encoding"))
                .isEqualTo("gzip");
    }

    /** RFC 9110 section 8.4: what is one person's is coded for that one, on the way, and not stored. */
    @ParameterizedTest
    @ValueSource(strings = {"private", "no-store"})
    void whatIsNotStoredIsCodedOnTheWay(String control) throws IOException {
        publish("\"one\"", "text/html", control);

        Received first = get("gzip");

        assertThat(first.fields().first("content-encoding")).isEqualTo("gzip");
        assertThat(first.fields().first("etag")).isEqualTo("W/\"one\"");
        assertThat(first.fields().all("vary")).containsExactly("accept-encoding");
        assertThat(first.contentLength()).isEqualTo(EdgeResponse.UNKNOWN_LENGTH);
        assertThat(decode(ContentCoding.GZIP, first.content())).isEqualTo(TEXT);
        assertThat(get("identity").text()).isEqualTo(TEXT);
        assertThat(setup.store.size()).isZero();
        assertThat(setup.origin.requests()).hasSize(2);
    }

    /** A client that goes away in the middle leaves nothing half made. */
    @Test
    void anAbandonedCodingIsForgotten() {
        EdgeResponse begun = setup.send(CacheSetup.request("GET", "/text", "accept-encoding", "gzip"))
                .block(Duration.ofSeconds(10));
        assertThat(begun).isNotNull();
        begun.close();

        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(get("gzip").content()).isNotEmpty());
    }
}
