package com.kingcdn.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.kingcdn.http.HeaderFields;

/** Cache-Control and CDN-Cache-Control as anybody could write them (RFC 9111 section 5.2, RFC 9213). */
class CacheControlFuzzTest {

    @FuzzTest(maxDuration = "90s")
    void neverFailsAndStaysWithinItsBounds(FuzzedDataProvider data) {
        String first = data.consumeAsciiString(200);
        String second = data.consumeAsciiString(200);
        HeaderFields fields = HeaderFields.of("cache-control", first, "cache-control", second);
        CacheControl response = CacheControl.ofResponse(fields);
        within(response.maxAge());
        within(response.sharedMaxAge());
        within(response.staleWhileRevalidate());
        within(response.staleIfError());
        CacheControl request = CacheControl.ofRequest(fields);
        within(request.maxAge());
        within(request.minFresh());
        within(request.maxStale());
        assertThat(CacheControl.ofResponse(HeaderFields.of("cache-control", first + ", " + second))
                        .has(CacheControl.Flag.NO_STORE))
                .as("two lines are one list (RFC 9110 section 5.3)")
                .isEqualTo(response.has(CacheControl.Flag.NO_STORE));
        within(CacheControl.ofResponse(HeaderFields.of("cdn-cache-control", first))
                .maxAge());
    }

    private static void within(long seconds) {
        assertThat(seconds).isBetween(CacheControl.ABSENT, Long.MAX_VALUE);
        assertThat(seconds == Long.MAX_VALUE || seconds <= CacheControl.MOST_SECONDS)
                .isTrue();
    }
}
