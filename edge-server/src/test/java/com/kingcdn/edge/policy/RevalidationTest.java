package com.kingcdn.edge.policy;

import static com.kingcdn.edge.policy.Examples.NOW;
import static com.kingcdn.edge.policy.Examples.date;
import static com.kingcdn.edge.policy.Examples.get;
import static com.kingcdn.edge.policy.Examples.in;
import static com.kingcdn.edge.policy.Examples.stored;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.HeaderFields;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** RFC 9111 sections 3.2, 3.4, 4.3.1, 4.3.4 and 4.3.5. */
class RevalidationTest {

    private static final String MODIFIED = date(-1000);

    private static final StoredResponse STORED = stored(
            "Cache-Control",
            "max-age=10",
            "ETag",
            "\"v1\"",
            "Last-Modified",
            MODIFIED,
            "Content-Length",
            "36",
            "Age",
            "5",
            "Content-Encoding",
            "gzip",
            "Content-Type",
            "text/plain",
            "A",
            "1",
            "B",
            "1",
            "Date",
            date(0));

    private static final CacheRules COOKIES_PASS = new CacheRules(
            null, CacheControl.ABSENT, CacheControl.ABSENT, CacheControl.ABSENT, CacheControl.ABSENT, true);

    private static @Nullable StoredResponse freshen(StoredResponse stored, String... fields) {
        return freshen(stored, CacheRules.STANDARD, get("Foo", "1"), fields);
    }

    private static @Nullable StoredResponse freshen(
            StoredResponse stored, CacheRules rules, CacheRequest request, String... fields) {
        return Revalidation.freshen(stored, request, HeaderFields.of(fields), rules, in(20), in(20));
    }

    private static StoredResponse freshened(String... fields) {
        return requireNonNull(freshen(STORED, fields));
    }

    @Test
    void asksByAllValidators() {
        assertThat(Revalidation.conditions(STORED))
                .isEqualTo(HeaderFields.of("If-None-Match", "\"v1\"", "If-Modified-Since", MODIFIED));
        assertThat(Revalidation.conditions(stored("Cache-Control", "max-age=1", "ETag", "W/\"v1\"")))
                .isEqualTo(HeaderFields.of("If-None-Match", "W/\"v1\""));
        assertThat(Revalidation.conditions(stored("Cache-Control", "max-age=1", "Last-Modified", "never")))
                .isEqualTo(HeaderFields.EMPTY);
        assertThat(Revalidation.forEverybody(
                        HeaderFields.of("if-range", "\"a\"", "Range", "bytes=0-", "accept", "*/*")))
                .isEqualTo(HeaderFields.of("accept", "*/*"));
    }

    @Test
    void a304MakesItFreshAgain() {
        StoredResponse response = freshened("ETag", "\"v1\"", "Date", date(20));
        assertThat(STORED.freshness().isFresh(in(20))).isFalse();
        assertThat(response.freshness().isFresh(in(29.9))).isTrue();
        assertThat(response.freshness().ageSeconds(in(20)))
                .as("its old Age is gone")
                .isZero();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.fields().first("b")).isEqualTo("1");
    }

    @Test
    void itsFieldsReplaceTheStoredOnes() {
        StoredResponse response = freshened("A", "2", "A", "3", "Cache-Control", "max-age=100", "New", "n");
        assertThat(response.fields().all("a")).containsExactly("2", "3");
        assertThat(response.fields().first("new")).isEqualTo("n");
        assertThat(response.freshness().lifetimeSeconds()).isEqualTo(100);
        assertThat(response.fields().all("date")).containsExactly(date(20));
    }

    /** Section 3.2. */
    @Test
    void butNotThoseThatDescribeTheStoredBytes() {
        StoredResponse response = freshened(
                "Content-Length",
                "10",
                "Content-Encoding",
                "br",
                "Content-Range",
                "bytes 0-9/10",
                "Connection",
                "b",
                "B",
                "2",
                "Transfer-Encoding",
                "chunked");
        assertThat(response.fields().contains("content-length")).isFalse();
        assertThat(response.fields().first("content-encoding")).isEqualTo("gzip");
        assertThat(response.fields().contains("content-range")).isFalse();
        assertThat(response.fields().contains("transfer-encoding")).isFalse();
        assertThat(response.fields().first("b")).isEqualTo("1");
    }

    /** Section 3.2: the name says nothing; what is stored is as it came, so that an origin can put a wrong type right. */
    @Test
    void theTypeIsTheNewestOne() {
        assertThat(freshened("Content-Type", "text/html").fields().all("content-type"))
                .containsExactly("text/html");
        assertThat(freshened("A", "2").fields().all("content-type")).containsExactly("text/plain");
    }

    @Test
    void itsFieldsDoNotAddUpForEver() {
        StoredResponse response = freshened("X-0", "x".repeat(30_000));
        StoredResponse longer = requireNonNull(freshen(response, "X-1", "x".repeat(30_000)));

        assertThat(freshen(longer, "X-2", "x".repeat(30_000))).isNull();
        assertThat(freshen(longer, "X-1", "y".repeat(30_000))).isNotNull();
    }

    @Test
    void whatIsWithheldFromNowOnGoes() {
        StoredResponse response = freshened("Cache-Control", "max-age=10, private=\"A\"", "A", "2");
        assertThat(response.fields().contains("a")).isFalse();
    }

    @Test
    void a304AboutAnotherVersionUpdatesNothing() {
        assertThat(freshen(STORED, "ETag", "\"v2\"")).isNull();
        assertThat(freshen(STORED, "Last-Modified", date(-5))).isNull();
        assertThat(freshen(STORED, "Last-Modified", MODIFIED)).isNotNull();
        assertThat(freshen(STORED, "ETag", "W/\"v1\"")).isNotNull();
        assertThat(freshen(stored("Cache-Control", "max-age=1", "Last-Modified", MODIFIED), "ETag", "\"v2\""))
                .isNull();
    }

    /** Section 3: what could not be stored of a 200 is not to be stored of a 304 either. */
    @Test
    void a304ForOneClientUpdatesNothing() {
        StoredResponse guessed = stored("Last-Modified", MODIFIED, "ETag", "\"v1\"");

        assertThat(freshen(STORED, "Cache-Control", "private, max-age=10")).isNull();
        assertThat(freshen(STORED, "Cache-Control", "no-store")).isNull();
        assertThat(freshen(guessed, "Set-Cookie", "id=1")).isNull();
        assertThat(freshen(guessed, "A", "2")).isNotNull();
        assertThat(freshen(STORED, "Set-Cookie", "id=1")).isNotNull();
        assertThat(freshen(STORED, COOKIES_PASS, get(), "Set-Cookie", "id=1")).isNull();
    }

    /** Section 3.5. */
    @Test
    void a304ToAnAuthorizedRequestUpdatesWhatMayBeShared() {
        CacheRequest authorized = get("Authorization", "Basic YTpi");

        assertThat(freshen(STORED, CacheRules.STANDARD, authorized, "A", "2")).isNull();
        assertThat(freshen(STORED, CacheRules.STANDARD, authorized, "Cache-Control", "public, max-age=10"))
                .isNotNull();
    }

    @Test
    void aNewVaryMakesAnotherVariant() {
        StoredResponse response = freshened("Vary", "Foo");
        assertThat(response.answers(get("Foo", "1"))).isTrue();
        assertThat(response.answers(get("Foo", "2"))).isFalse();
        assertThat(freshen(STORED, "Vary", "*")).isNull();
    }

    /** Section 4.3.5. */
    @Test
    void aHeadMakesItFreshWhenLengthAndValidatorsAgree() {
        assertThat(head("ETag", "\"v1\"", "Content-Length", "36", "A", "2")).isNotNull();
        assertThat(head("A", "2")).isNotNull();
        assertThat(head("ETag", "\"v1\"", "Content-Length", "37")).isNull();
        assertThat(head("ETag", "\"v2\"", "Content-Length", "36")).isNull();
    }

    /** What was not there, and is by now, is not what is stored. */
    @Test
    void aHeadDoesNotMakeAnErrorFreshAgain() {
        StoredResponse missing = stored(get(), 404, "Cache-Control", "max-age=1");

        assertThat(head(missing, "Cache-Control", "max-age=60")).isNull();
    }

    private static @Nullable StoredResponse head(String... fields) {
        return head(STORED, fields);
    }

    private static @Nullable StoredResponse head(StoredResponse stored, String... fields) {
        return Revalidation.freshenByHead(
                stored, 36, get(), HeaderFields.of(fields), CacheRules.STANDARD, in(20), in(20));
    }

    /** RFC 9110 section 15.3.7.3. */
    @Test
    void partsOfOneVersionMayBeCombined() {
        assertThat(combine("ETag", "\"v1\"", "Content-Range", "bytes 5-9/36")).isTrue();
        assertThat(combine("ETag", "\"v1\"", "Content-Range", "bytes 5-9/37")).isFalse();
        assertThat(combine("ETag", "\"v1\"", "Content-Range", "bytes 5-9/*")).isFalse();
        assertThat(combine("ETag", "\"v2\"", "Content-Range", "bytes 5-9/36")).isFalse();
        assertThat(combine("ETag", "W/\"v1\"", "Content-Range", "bytes 5-9/36")).isFalse();
        assertThat(combine("ETag", "\"v1\"")).isFalse();
    }

    private static boolean combine(String... fields) {
        return Revalidation.mayCombine(STORED, HeaderFields.of(fields), 36, NOW);
    }
}
