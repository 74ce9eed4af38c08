package com.kingcdn.edge.policy;

import static com.kingcdn.edge.policy.Examples.NOW;
import static com.kingcdn.edge.policy.Examples.TARGET;
import static com.kingcdn.edge.policy.Examples.date;
import static com.kingcdn.edge.policy.Examples.get;
import static com.kingcdn.edge.policy.Examples.request;
import static com.kingcdn.edge.policy.Examples.stored;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.StoreDecision.Refuse;
import com.kingcdn.edge.policy.StoreDecision.Store;
import com.kingcdn.http.HeaderFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9111 section 3. */
class StorabilityTest {

    private static StoreDecision decide(CacheRequest request, int status, String... fields) {
        return Storability.decide(request, status, HeaderFields.of(fields), CacheRules.STANDARD, NOW, NOW);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                200, 201, 203, 204, 226, 299, 300, 301, 302, 303, 307, 308, 400, 403, 404, 405, 410, 414, 451, 499, 500,
                501, 502, 503, 504, 599
            })
    void anyFinalStatusIsStoredWithExplicitFreshness(int status) {
        assertThat(decide(get(), status, "Cache-Control", "max-age=60")).isInstanceOf(Store.class);
        assertThat(decide(get(), status, "Expires", date(60))).isInstanceOf(Store.class);
        assertThat(decide(get(), status, "CDN-Cache-Control", "max-age=60")).isInstanceOf(Store.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 102, 103, 304, 412, 416})
    void whatIsNotFinalOrAboutOneRequestIsNot(int status) {
        assertThat(decide(get(), status, "Cache-Control", "max-age=60")).isEqualTo(new Refuse(NoStoreReason.STATUS));
    }

    /** Section 4.2.2. */
    @ParameterizedTest
    @CsvSource({
        "200, true",
        "203, true",
        "204, true",
        "300, true",
        "301, true",
        "308, true",
        "404, true",
        "405, true",
        "410, true",
        "414, true",
        "501, true",
        "201, false",
        "202, false",
        "302, false",
        "307, false",
        "403, false",
        "500, false",
        "502, false",
        "503, false",
        "504, false",
        "599, false"
    })
    void someStatusesAreStoredOnAGuess(int status, boolean guessed) {
        StoreDecision decision = decide(get(), status, "Last-Modified", date(-100_000));
        if (guessed) {
            assertThat(decision).isInstanceOfSatisfying(Store.class, store -> assertThat(
                            store.response().freshness().lifetimeSeconds())
                    .isEqualTo(10_000));
        } else {
            assertThat(decision).isEqualTo(new Refuse(NoStoreReason.STATUS));
        }
        assertThat(decide(get(), status, "Last-Modified", date(-100_000), "Cache-Control", "public"))
                .isInstanceOf(Store.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no-store | NO_STORE",
                "No-StOrE, max-age=60 | NO_STORE",
                "private, max-age=60 | PRIVATE",
                "private, s-maxage=60 | PRIVATE",
                "no-cache, max-age=60 | UNUSABLE",
                "max-age=0 | UNUSABLE",
                "max-age=-1 | UNUSABLE",
                "public | UNUSABLE"
            })
    void theResponseMayForbidIt(String directives, NoStoreReason reason) {
        assertThat(decide(get(), 200, "Cache-Control", directives)).isEqualTo(new Refuse(reason));
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-cache", "max-age=0", "public", "no-cache, max-age=60"})
    void whatCanBeValidatedIsWorthStoring(String directives) {
        assertThat(decide(get(), 200, "Cache-Control", directives, "ETag", "\"v\""))
                .isInstanceOf(Store.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"max-age=0, stale-while-revalidate=5", "max-age=0, stale-if-error=5"})
    void whatMayBeServedStaleIsWorthStoring(String directives) {
        assertThat(decide(get(), 200, "Cache-Control", directives)).isInstanceOf(Store.class);
    }

    @Test
    void withoutFreshnessOrValidatorNothingIsStored() {
        assertThat(decide(get(), 200)).isEqualTo(new Refuse(NoStoreReason.UNUSABLE));
    }

    /** Section 5.2.2.3. */
    @Test
    void mustUnderstandOverrulesNoStoreForStatusesThatAreUnderstood() {
        String directives = "max-age=60, no-store, must-understand";
        assertThat(decide(get(), 200, "Cache-Control", directives)).isInstanceOf(Store.class);
        assertThat(decide(get(), 599, "Cache-Control", directives)).isEqualTo(new Refuse(NoStoreReason.NOT_UNDERSTOOD));
        assertThat(decide(get(), 599, "Cache-Control", "max-age=60, must-understand"))
                .isEqualTo(new Refuse(NoStoreReason.NOT_UNDERSTOOD));
    }

    @Test
    void theRequestMayForbidIt() {
        assertThat(decide(get("Cache-Control", "no-store"), 200, "Cache-Control", "max-age=60"))
                .isEqualTo(new Refuse(NoStoreReason.REQUEST_NO_STORE));
    }

    /** Section 3.5. */
    @Test
    void authorisedResponsesAreSharedOnlyWhenTheySaySo() {
        CacheRequest authorised = get("Authorization", "Basic eA==");
        assertThat(decide(authorised, 200, "Cache-Control", "max-age=60"))
                .isEqualTo(new Refuse(NoStoreReason.AUTHORIZATION));
        assertThat(decide(authorised, 200, "Last-Modified", date(-1000)))
                .isEqualTo(new Refuse(NoStoreReason.AUTHORIZATION));
        for (String allowed : new String[] {"public", "must-revalidate", "s-maxage=60"}) {
            assertThat(decide(authorised, 200, "Cache-Control", "max-age=60, " + allowed))
                    .isInstanceOf(Store.class);
        }
    }

    @Test
    void whatVariesOnAnythingIsNotStored() {
        assertThat(decide(get(), 200, "Cache-Control", "max-age=60", "Vary", "Foo, *"))
                .isEqualTo(new Refuse(NoStoreReason.VARY_STAR));
    }

    /** Section 7.3. */
    @Test
    void aCookieIsSharedOnlyWithExplicitFreshness() {
        StoredResponse shared = stored("Set-Cookie", "a=b", "Cache-Control", "max-age=60");
        assertThat(shared.fields().first("set-cookie")).isEqualTo("a=b");
        assertThat(decide(get(), 200, "Set-Cookie", "a=b", "Last-Modified", date(-1000)))
                .isEqualTo(new Refuse(NoStoreReason.SET_COOKIE));
    }

    /** Section 3.1. */
    @Test
    void fieldsOfTheConnectionAndWithheldOnesAreNotStored() {
        StoredResponse response = stored(
                "Cache-Control",
                "max-age=60, no-cache=\"a\", private=\"b, Set-Cookie\"",
                "A",
                "1",
                "B",
                "2",
                "C",
                "3",
                "D",
                "4",
                "Set-Cookie",
                "x=y",
                "Connection",
                "d",
                "Transfer-Encoding",
                "chunked",
                "Date",
                date(0));
        assertThat(response.fields())
                .isEqualTo(HeaderFields.of(
                        "Cache-Control",
                        "max-age=60, no-cache=\"a\", private=\"b, Set-Cookie\"",
                        "C",
                        "3",
                        "Date",
                        date(0)));
    }

    /** They are given to the one who asked beside the answer's own, of which there is one of each. */
    @Test
    void whatEachAnswerHasAnewIsWithheldFromAll() {
        String control = "max-age=60, no-cache=\"a, age, content-length, content-range, date\"";
        String[] fields = {
            "Cache-Control",
            control,
            "A",
            "1",
            "Age",
            "5",
            "Content-Length",
            "36",
            "Content-Range",
            "bytes 0-35/99",
            "Date",
            date(0)
        };
        HeaderFields onlyOne = HeaderFields.of("A", "1");

        assertThat(decide(get(), 206, fields)).isInstanceOfSatisfying(Store.class, store -> assertThat(store.withheld())
                .isEqualTo(onlyOne));
        assertThat(Revalidation.withheld(HeaderFields.of(fields), CacheRules.STANDARD))
                .isEqualTo(onlyOne);
    }

    /** RFC 9110 section 6.6.1. */
    @Test
    void aMissingDateIsThatOfArrival() {
        assertThat(stored("Cache-Control", "max-age=60").fields().first("date")).isEqualTo(date(0));
        assertThat(stored("Cache-Control", "max-age=60", "Date", "foo").fields().all("date"))
                .containsExactly(date(0));
        assertThat(stored("Cache-Control", "max-age=60", "Date", date(-5))
                        .fields()
                        .first("date"))
                .isEqualTo(date(-5));
    }

    /** Section 3.3. */
    @Test
    void aPartIsStoredAsTheHeadOfTheWhole() {
        StoredResponse whole = stored(
                get("Range", "bytes=4-8"),
                206,
                "Cache-Control",
                "max-age=60",
                "Content-Range",
                "bytes 4-8/10",
                "Content-Length",
                "5");
        assertThat(whole.status()).isEqualTo(200);
        assertThat(whole.fields().contains("content-length")).isFalse();
        assertThat(whole.fields().contains("content-range")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes 4-8/*", "bytes */10", "bytes 8-4/10", "items 1-2/3", ""})
    void aPartOfWhoKnowsWhatIsNot(String range) {
        assertThat(decide(get("Range", "bytes=4-8"), 206, "Cache-Control", "max-age=60", "Content-Range", range))
                .isEqualTo(new Refuse(NoStoreReason.PARTIAL));
    }

    /** RFC 9110 section 9.3.3. */
    @Test
    void aPostIsStoredWhenItSaysThatItIsWhatAGetWouldBring() {
        CacheRequest post = request("POST");
        assertThat(decide(post, 200, "Cache-Control", "max-age=60", "Content-Location", TARGET))
                .isInstanceOf(Store.class);
        assertThat(decide(post, 200, "Cache-Control", "max-age=60", "Content-Location", ""))
                .isInstanceOf(Store.class);
        assertThat(decide(post, 200, "Cache-Control", "max-age=60", "Content-Location", "/other"))
                .isEqualTo(new Refuse(NoStoreReason.METHOD));
        assertThat(decide(post, 200, "Cache-Control", "max-age=60")).isEqualTo(new Refuse(NoStoreReason.METHOD));
        assertThat(decide(post, 200, "Last-Modified", date(-1000), "Content-Location", TARGET))
                .isEqualTo(new Refuse(NoStoreReason.STATUS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"})
    void otherMethodsAreNotStored(String method) {
        assertThat(decide(request(method), 200, "Cache-Control", "max-age=60"))
                .isEqualTo(new Refuse(NoStoreReason.METHOD));
    }

    /** RFC 9213 section 2.2. */
    @Test
    void theTargetedFieldAloneCounts() {
        assertThat(decide(get(), 200, "Cache-Control", "no-store", "CDN-Cache-Control", "max-age=60"))
                .isInstanceOf(Store.class);
        assertThat(decide(get(), 200, "Cache-Control", "max-age=60", "CDN-Cache-Control", "no-store"))
                .isEqualTo(new Refuse(NoStoreReason.NO_STORE));
        assertThat(decide(get(), 200, "Cache-Control", "max-age=60", "CDN-Cache-Control", "private"))
                .isEqualTo(new Refuse(NoStoreReason.PRIVATE));
        assertThat(decide(get(), 200, "Expires", date(60), "CDN-Cache-Control", "max-age=0"))
                .isEqualTo(new Refuse(NoStoreReason.UNUSABLE));
    }

    @Test
    void reasonsHaveNamesForLabels() {
        assertThat(NoStoreReason.REQUEST_NO_STORE.token()).isEqualTo("request-no-store");
        assertThat(ForwardReason.URI_MISS.token()).isEqualTo("uri-miss");
    }
}
