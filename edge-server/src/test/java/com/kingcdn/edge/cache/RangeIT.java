package com.kingcdn.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/** Byte ranges (RFC 9110 section 14) of entries that are whole, partial or not there, and origins that get them wrong. */
class RangeIT {

    private static final int MIB = 1 << 20;

    private final CacheSetup setup = new CacheSetup();
    private final byte[] content = Origin.content(6 * MIB + 12_345, 7);

    @AfterEach
    void close() {
        setup.close();
    }

    private void publish() {
        setup.origin.on("/title", setup.origin.file(content, "\"one\"", "max-age=60"));
    }

    private Origin.Behaviour withoutRanges(CacheSetup at) {
        return (request, response) -> response.header("etag", "\"one\"")
                .header("cache-control", "max-age=60")
                .header("content-length", "" + content.length)
                .send(at.origin.pieces(content, 0, content.length));
    }

    private byte[] slice(int first, int last) {
        return Arrays.copyOfRange(content, first, last + 1);
    }

    @Test
    void aRangeOfAColdTitleFetchesItsBlocksOnly() {
        publish();

        Received part = setup.get("/title", "range", "bytes=5000000-5999999");

        assertThat(part.status()).isEqualTo(206);
        assertThat(part.contentLength()).isEqualTo(1_000_000);
        assertThat(part.fields().first("content-range")).isEqualTo("bytes 5000000-5999999/" + content.length);
        assertThat(part.content()).isEqualTo(slice(5_000_000, 5_999_999));
        assertThat(setup.origin.requests()).containsExactly("GET /title bytes=4980736-6029311");
    }

    @Test
    void laterRangesFetchWhatIsMissing() {
        publish();
        setup.get("/title", "range", "bytes=1000000-1999999");

        Received again = setup.get("/title", "range", "bytes=1100000-1200000");
        Received whole = setup.get("/title");

        assertThat(again.cacheStatus().isHit()).isTrue();
        assertThat(again.content()).isEqualTo(slice(1_100_000, 1_200_000));
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.content()).isEqualTo(content);
        assertThat(setup.origin.sent()).isEqualTo(content.length);
    }

    @Test
    void theEndOfAColdTitleIsFetchedByASuffix() {
        publish();

        Received end = setup.get("/title", "range", "bytes=-1000");

        assertThat(end.status()).isEqualTo(206);
        assertThat(end.content()).isEqualTo(slice(content.length - 1000, content.length - 1));
        assertThat(setup.origin.sent()).isLessThan(1000 + 2 * 262_144);
        assertThat(setup.get("/title", "range", "bytes=-500").cacheStatus().isHit())
                .isTrue();
    }

    @Test
    void severalRangesComeAsMultipart() {
        publish();

        Received parts = setup.get("/title", "range", "bytes=10-19,3000000-3000009");

        assertThat(parts.status()).isEqualTo(206);
        String type = "" + parts.fields().first("content-type");
        assertThat(type).startsWith("multipart/byteranges; boundary=");
        String boundary = "--" + type.substring(type.indexOf('=') + 1);
        String text = new String(parts.content(), StandardCharsets.ISO_8859_1);
        assertThat(text.split(boundary, -1)).hasSize(4);
        assertThat(text)
                .contains("Content-Range: bytes 10-19/" + content.length + "\r\n\r\n"
                        + new String(slice(10, 19), StandardCharsets.ISO_8859_1))
                .contains("Content-Range: bytes 3000000-3000009/" + content.length + "\r\n\r\n"
                        + new String(slice(3_000_000, 3_000_009), StandardCharsets.ISO_8859_1));
        assertThat(parts.contentLength()).isEqualTo(parts.content().length);
        assertThat(setup.origin.sent()).isEqualTo(2 * 262_144);
    }

    @Test
    void aRangeBeyondTheEndIsNotSatisfiable() {
        publish();
        String beyond = "bytes=99000000-";

        Received cold = setup.get("/title", "range", beyond);
        setup.get("/title", "range", "bytes=0-9");
        Received known = setup.get("/title", "range", beyond);

        assertThat(cold.status()).isEqualTo(416);
        assertThat(known.status()).isEqualTo(416);
        assertThat(known.fields().first("content-range")).isEqualTo("bytes */" + content.length);
    }

    /** RFC 9110 section 13.1.5: a validator that does not match turns the range into the whole. */
    @Test
    void ifRangeWithAnotherVersionGetsTheWhole() {
        publish();

        Received whole = setup.get("/title", "range", "bytes=0-9", "if-range", "\"other\"");

        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.content()).isEqualTo(content);
    }

    /** What comes later could not be known to be of this version, so all of it comes at once. */
    @Test
    void ifRangeWithAnotherVersionGetsTheWholeOfWhatHasNoStrongValidator() {
        setup.origin.on("/title", setup.origin.file(content, "W/\"weak\"", "max-age=60"));

        Received whole = setup.get("/title", "range", "bytes=0-9", "if-range", "\"other\"");

        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.content()).isEqualTo(content);
    }

    @Test
    void severalRangesOfWhatHasNoStrongValidatorAreOfOneResponse() {
        setup.origin.on("/title", setup.origin.file(content, "W/\"weak\"", "max-age=60"));

        Received parts = setup.get("/title", "range", "bytes=10-19,3000000-3000009");

        assertThat(parts.status()).isEqualTo(206);
        assertThat(parts.contentLength()).isEqualTo(parts.content().length);
        assertThat(new String(parts.content(), StandardCharsets.ISO_8859_1))
                .contains(new String(slice(10, 19), StandardCharsets.ISO_8859_1))
                .contains(new String(slice(3_000_000, 3_000_009), StandardCharsets.ISO_8859_1));
    }

    /** RFC 9110 section 13.1.5: the range was of another version, which was longer. */
    @Test
    void ifRangeWithALongerVersionGetsTheWhole() {
        publish();

        Received whole = setup.get("/title", "range", "bytes=99000000-", "if-range", "\"other\"");

        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.content()).isEqualTo(content);
    }

    /** RFC 9110 section 14.1.2: one that can be satisfied is enough. */
    @Test
    void oneOfSeveralRangesMayLieBeyondTheEnd() {
        publish();

        Received part = setup.get("/title", "range", "bytes=99000000-99000009,20-29");

        assertThat(part.status()).isEqualTo(206);
        assertThat(part.content()).isEqualTo(slice(20, 29));
    }

    @Test
    void anOriginWithoutRangesIsReadAsAWhole() {
        setup.origin.on("/title", withoutRanges(setup));

        Received part = setup.get("/title", "range", "bytes=4000000-4000099");

        assertThat(part.status()).isEqualTo(206);
        assertThat(part.content()).isEqualTo(slice(4_000_000, 4_000_099));
        assertThat(setup.get("/title").content()).isEqualTo(content);
    }

    /** The head of the response has been sent: only the same octets can save it. */
    @Test
    void whatWasEvictedUnderAReaderComesAgainFromAnOriginWithoutRanges() {
        try (CacheSetup small = new CacheSetup(null, DataSize.ofMegabytes(8))) {
            small.origin.on("/title", withoutRanges(small));
            small.get("/title");
            EdgeResponse begun = Objects.requireNonNull(
                    small.send(CacheSetup.request("GET", "/title")).block());
            for (int i = 0; i < 12; i++) {
                String other = "/other" + i % 4;
                small.origin.on(other, withoutRanges(small));
                small.get(other);
            }

            assertThat(Received.of(begun).content()).isEqualTo(content);
            assertThat(small.origin.requests())
                    .filteredOn(line -> line.startsWith("GET /title"))
                    .hasSize(2);
        }
    }

    @Test
    void aPartWithoutAStrongValidatorIsNotKept() {
        setup.origin.on("/title", setup.origin.file(content, "W/\"weak\"", "max-age=60"));

        Received first = setup.get("/title", "range", "bytes=1000000-1000099");
        Received second = setup.get("/title", "range", "bytes=2000000-2000099");

        assertThat(first.content()).isEqualTo(slice(1_000_000, 1_000_099));
        assertThat(first.cacheStatus().stored()).isFalse();
        assertThat(first.cacheStatus().detail()).isEqualTo("partial");
        assertThat(second.content()).isEqualTo(slice(2_000_000, 2_000_099));
    }

    @Test
    void anUnstorableRangeIsStillExactlyWhatWasAskedFor() {
        setup.origin.on("/title", setup.origin.file(content, "\"one\"", "no-store"));

        Received part = setup.get("/title", "range", "bytes=1000000-1000099");

        assertThat(part.status()).isEqualTo(206);
        assertThat(part.content()).isEqualTo(slice(1_000_000, 1_000_099));
        assertThat(part.cacheStatus().detail()).isEqualTo("no-store");
        assertThat(setup.store.size()).isZero();
    }

    @Test
    void blocksOfTwoVersionsNeverMix() {
        publish();
        setup.get("/title", "range", "bytes=0-99");
        byte[] other = Origin.content(content.length, 8);
        setup.origin.on("/title", setup.origin.file(other, "\"two\"", "max-age=60"));

        Received part = setup.get("/title", "range", "bytes=3000000-3000099");

        assertThat(part.status()).isEqualTo(206);
        assertThat(part.fields().first("etag")).isEqualTo("\"two\"");
        assertThat(part.content()).isEqualTo(Arrays.copyOfRange(other, 3_000_000, 3_000_100));
        assertThat(setup.get("/title").content()).isEqualTo(other);
    }

    /** What an origin says to one client about its right or its rate is that one's to hear, and nobody else's loss. */
    @ParameterizedTest
    @ValueSource(ints = {302, 401, 403, 429})
    void whoIsDeclinedAPartTakesItFromNobody(int status) {
        publish();
        setup.get("/title", "range", "bytes=0-99");
        Origin.Behaviour file = setup.origin.file(content, "\"one\"", "max-age=60");
        setup.origin.on(
                "/title",
                (request, response) -> "bad".equals(request.requestHeaders().get("x-token"))
                        ? response.status(status).header("x-why", "yours").send()
                        : file.answer(request, response));

        Received declined = setup.get("/title", "range", "bytes=4000000-4000099", "x-token", "bad");
        assertThat(declined.status()).isEqualTo(status);
        assertThat(declined.fields().first("x-why")).isEqualTo("yours");

        assertThat(setup.get("/title", "range", "bytes=0-99").cacheStatus().isHit())
                .isTrue();
        assertThat(setup.get("/title", "range", "bytes=4000000-4000099").content())
                .isEqualTo(slice(4_000_000, 4_000_099));
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 410})
    void whatIsGoneIsGivenUp(int status) {
        publish();
        setup.get("/title", "range", "bytes=0-99");
        setup.origin.on("/title", (request, response) -> response.status(status).send());

        assertThat(setup.get("/title", "range", "bytes=4000000-4000099").status())
                .isEqualTo(status);
        assertThat(setup.get("/title", "range", "bytes=0-99").status()).isEqualTo(status);
    }

    @Test
    void aPartWithAnotherLengthIsAnotherVersion() {
        publish();
        setup.get("/title", "range", "bytes=0-99");
        byte[] longer = Arrays.copyOf(content, content.length + 1);
        setup.origin.on("/title", setup.origin.file(longer, "\"one\"", "max-age=60"));

        Received part = setup.get("/title", "range", "bytes=3000000-3000099");

        assertThat(part.fields().first("content-range")).endsWith("/" + longer.length);
    }

    @Test
    void aContentRangeThatWasNotAskedForPoisonsNothing() {
        setup.origin.on("/title", (request, response) -> {
            if (request.requestHeaders().contains("range")) {
                return response.status(206)
                        .header("etag", "\"one\"")
                        .header("cache-control", "max-age=60")
                        .header("content-range", "bytes 0-99/" + content.length)
                        .sendByteArray(Mono.just(new byte[100]));
            }
            return setup.origin.file(content, "\"one\"", "max-age=60").answer(request, response);
        });

        Received part = setup.get("/title", "range", "bytes=3000000-3000099");

        assertThat(part.content()).isEqualTo(slice(3_000_000, 3_000_099));
        assertThat(setup.get("/title").content()).isEqualTo(content);
    }
}
