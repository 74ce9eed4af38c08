package com.kingcdn.edge.policy;

import static com.kingcdn.edge.policy.Examples.NOW;
import static com.kingcdn.edge.policy.Examples.date;
import static com.kingcdn.edge.policy.Examples.get;
import static com.kingcdn.edge.policy.Examples.request;
import static com.kingcdn.edge.policy.Examples.stored;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.ByteRange;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 9111 section 4.3.2 and RFC 9110 sections 13 and 14. */
class ResponseFormTest {

    private static final StoredResponse STORED =
            stored("Cache-Control", "max-age=60", "ETag", "\"v1\"", "Last-Modified", date(-1000));

    private static ResponseForm of(CacheRequest request) {
        return ResponseForm.of(request, STORED, 100, NOW);
    }

    private static ResponseForm parts(ByteRange... ranges) {
        return new ResponseForm.Partial(List.of(ranges));
    }

    @Test
    void withoutConditionsItIsWhole() {
        assertThat(of(get())).isEqualTo(ResponseForm.WHOLE);
        assertThat(of(get("Accept", "*/*", "User-Agent", "x"))).isEqualTo(ResponseForm.WHOLE);
    }

    @Test
    void whatTheClientHoldsIsNotSentAgain() {
        assertThat(of(get("If-None-Match", "\"v0\", W/\"v1\""))).isEqualTo(ResponseForm.NOT_MODIFIED);
        assertThat(of(request("HEAD", "If-None-Match", "*"))).isEqualTo(ResponseForm.NOT_MODIFIED);
        assertThat(of(get("If-Modified-Since", date(-1000)))).isEqualTo(ResponseForm.NOT_MODIFIED);
        assertThat(of(get("If-Modified-Since", date(-2000)))).isEqualTo(ResponseForm.WHOLE);
        assertThat(of(get("If-None-Match", "\"v0\"", "If-Modified-Since", date(0))))
                .isEqualTo(ResponseForm.WHOLE);
        assertThat(of(get("If-None-Match", "\"v1\"", "Range", "bytes=0-1"))).isEqualTo(ResponseForm.NOT_MODIFIED);
    }

    @Test
    void dateStandsInForAMissingLastModified() {
        StoredResponse undated = stored("Cache-Control", "max-age=60", "Date", date(-10));
        assertThat(ResponseForm.of(get("If-Modified-Since", date(-10)), undated, 100, NOW))
                .isEqualTo(ResponseForm.NOT_MODIFIED);
        assertThat(ResponseForm.of(get("If-Modified-Since", date(-11)), undated, 100, NOW))
                .isEqualTo(ResponseForm.WHOLE);
    }

    @Test
    void rangesAreCutOut() {
        assertThat(of(get("Range", "bytes=0-9"))).isEqualTo(parts(new ByteRange(0, 9)));
        assertThat(of(get("Range", "bytes=0-9,-1"))).isEqualTo(parts(new ByteRange(0, 9), new ByteRange(99, 99)));
        assertThat(of(get("Range", "bytes=100-"))).isEqualTo(ResponseForm.RANGE_NOT_SATISFIABLE);
        assertThat(of(get("Range", "items=0-9"))).isEqualTo(ResponseForm.WHOLE);
    }

    @Test
    void ifRangeGivesTheWholeOfAnotherVersion() {
        assertThat(of(get("Range", "bytes=0-9", "If-Range", "\"v1\""))).isEqualTo(parts(new ByteRange(0, 9)));
        assertThat(of(get("Range", "bytes=0-9", "If-Range", "\"v0\""))).isEqualTo(ResponseForm.WHOLE);
        assertThat(of(get("Range", "bytes=0-9", "If-Range", date(-1000)))).isEqualTo(parts(new ByteRange(0, 9)));
        assertThat(of(get("Range", "bytes=500-", "If-Range", "\"v0\""))).isEqualTo(ResponseForm.WHOLE);
    }

    @Test
    void rangesAreForGetAndForAKnownLength() {
        assertThat(of(request("HEAD", "Range", "bytes=0-9"))).isEqualTo(ResponseForm.WHOLE);
        assertThat(ResponseForm.of(get("Range", "bytes=0-9"), STORED, ResponseForm.LENGTH_UNKNOWN, NOW))
                .isEqualTo(ResponseForm.WHOLE);
    }

    /** RFC 9110 section 13.2.1. */
    @Test
    void errorsKnowNoConditions() {
        StoredResponse missing = stored(get(), 404, "Cache-Control", "max-age=60", "ETag", "\"v1\"");
        assertThat(ResponseForm.of(get("If-None-Match", "\"v1\"", "Range", "bytes=0-1"), missing, 100, NOW))
                .isEqualTo(ResponseForm.WHOLE);
    }
}
