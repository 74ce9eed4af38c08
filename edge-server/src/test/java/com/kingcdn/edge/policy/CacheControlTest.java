package com.kingcdn.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheControl.Flag;
import com.kingcdn.http.HeaderFields;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9111 section 5.2. */
class CacheControlTest {

    private static CacheControl response(String... values) {
        HeaderFields.Builder fields = HeaderFields.builder();
        for (String value : values) {
            fields.add("Cache-Control", value);
        }
        return CacheControl.ofResponse(fields.build());
    }

    @Test
    void readsFlagsInAnyCase() {
        CacheControl control = response("No-Store, PUBLIC ,must-revalidate", "proxy-revalidate,,must-understand");
        assertThat(control.has(Flag.NO_STORE)).isTrue();
        assertThat(control.has(Flag.PUBLIC)).isTrue();
        assertThat(control.has(Flag.MUST_REVALIDATE)).isTrue();
        assertThat(control.has(Flag.PROXY_REVALIDATE)).isTrue();
        assertThat(control.has(Flag.MUST_UNDERSTAND)).isTrue();
        assertThat(control.has(Flag.PRIVATE)).isFalse();
        assertThat(control.maxAge()).isEqualTo(CacheControl.ABSENT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '#',
            value = {
                "max-age=3600 | 3600",
                "MaX-aGe=003600 | 3600",
                "max-age=\"3600\" | 3600",
                "max-age=99999999999999999999999 | 2147483648",
                "max-age=2147483648 | 2147483648",
                "max-age | 0",
                "max-age= | 0",
                "max-age=-5 | 0",
                "max-age='3600' | 0",
                "max-age=3600.0 | 0",
                "max-age=a3600 | 0",
                "max-age= 3600 | 0",
                "max-age =3600 | -1",
                "extension=\"max-age=3600\" | -1",
                "extension=\"a\\\", max-age=3600\", max-age=1 | 1",
                "max-age=1, extension=\"max-age=3600\" | 1",
                "max-age=1800, max-age=1 | 1",
                "max-age=1, max-age=1800 | 1",
                "max-age=1800, max-age=x | 0"
            })
    void readsSecondsAndTakesWhatIsNoneForStale(String value, long seconds) {
        assertThat(response(value).maxAge()).isEqualTo(seconds);
    }

    @Test
    void theMoreRestrictiveOfTwoLinesCounts() {
        CacheControl control = response("s-maxage=5, stale-while-revalidate=9", "s-maxage=3, stale-while-revalidate=7");
        assertThat(control.sharedMaxAge()).isEqualTo(3);
        assertThat(control.staleWhileRevalidate()).isEqualTo(7);
    }

    @Test
    void namedFieldsAreWithheldAndTheRestIsFree() {
        CacheControl control = response("no-cache=\"Set-Cookie, a\", private=b");
        assertThat(control.has(Flag.NO_CACHE)).isFalse();
        assertThat(control.has(Flag.PRIVATE)).isFalse();
        assertThat(control.withheldFields()).containsExactlyInAnyOrder("set-cookie", "a", "b");
        assertThat(response("no-cache=\"a\", no-cache").has(Flag.NO_CACHE)).isTrue();
        assertThat(response("private=\"\"").has(Flag.PRIVATE)).isTrue();
    }

    @Test
    void readsTheDirectivesOfRequests() {
        CacheControl control = CacheControl.ofRequest(
                HeaderFields.of("Cache-Control", "max-stale, min-fresh=7, only-if-cached, nothing-to-see-here"));
        assertThat(control.maxStale()).isEqualTo(CacheControl.MOST_SECONDS);
        assertThat(control.minFresh()).isEqualTo(7);
        assertThat(control.has(Flag.ONLY_IF_CACHED)).isTrue();
        assertThat(CacheControl.ofRequest(HeaderFields.EMPTY)).isSameAs(CacheControl.NONE);
    }

    /** Section 5.4. */
    @Test
    void pragmaCountsOnlyWithoutCacheControl() {
        assertThat(CacheControl.ofRequest(HeaderFields.of("Pragma", "no-cache")).has(Flag.NO_CACHE))
                .isTrue();
        assertThat(CacheControl.ofRequest(HeaderFields.of("Pragma", "no-cache", "Cache-Control", "max-age=1"))
                        .has(Flag.NO_CACHE))
                .isFalse();
        assertThat(CacheControl.ofRequest(HeaderFields.of("Pragma", "no-store, foo"))
                        .has(Flag.NO_STORE))
                .isFalse();
        assertThat(CacheControl.ofResponse(HeaderFields.of("Pragma", "no-cache"))
                        .has(Flag.NO_CACHE))
                .isFalse();
    }

    /** RFC 9213 section 2.2. */
    @Test
    void aTargetedFieldReplacesCacheControl() {
        CacheControl control = CacheControl.ofResponse(HeaderFields.of(
                "Cache-Control", "no-store", "CDN-Cache-Control", "max-age=600;a=\"b\", foobar, x=(1 2)"));
        assertThat(control.isTargeted()).isTrue();
        assertThat(control.maxAge()).isEqualTo(600);
        assertThat(control.has(Flag.NO_STORE)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "'private', PRIVATE",
        "'no-cache', NO_CACHE",
        "'no-store=?1', NO_STORE",
        "'must-revalidate, max-age=5', MUST_REVALIDATE"
    })
    void aTargetedFieldHoldsFlags(String value, Flag flag) {
        assertThat(CacheControl.ofResponse(HeaderFields.of("CDN-Cache-Control", value))
                        .has(flag))
                .isTrue();
    }

    @Test
    void ofATargetedFieldTheLastMemberCounts() {
        CacheControl control = CacheControl.ofResponse(
                HeaderFields.of("CDN-Cache-Control", "max-age=10, no-store=?0", "CDN-Cache-Control", "max-age=20"));
        assertThat(control.maxAge()).isEqualTo(20);
        assertThat(control.has(Flag.NO_STORE)).isFalse();
        assertThat(CacheControl.ofResponse(HeaderFields.of("CDN-Cache-Control", "max-age=-3"))
                        .maxAge())
                .isZero();
    }

    /** RFC 9213 section 2.1: one error and the whole field is as if absent. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "max-age=10000, &&&&&",
                "max-age=\"10000\"",
                "max-age=1.5",
                "max-age",
                "MaX-aGe=100",
                "max-age =100",
                "max-age= 100",
                "max-age=100,",
                "max-age=100 no-store",
                "max-age=1234567890123456",
                "no-store=1",
                "a=\"unclosed",
                "a=(1 2",
                "a=:%%:",
                "a=?2",
                "a=@x"
            })
    void anInvalidTargetedFieldIsIgnored(String value) {
        CacheControl control =
                CacheControl.ofResponse(HeaderFields.of("CDN-Cache-Control", value, "Cache-Control", "max-age=7"));
        assertThat(control.isTargeted()).isFalse();
        assertThat(control.maxAge()).isEqualTo(7);
    }

    /** RFC 9651 section 3: a value of any type is fine in a directive nobody knows. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=:aGVsbG8=:",
                "a=@1659578233",
                "a=*tok/en:x",
                "a=(\"b\" c;d=1 2.5);e",
                "a=\"q\\\"uo\\\\te\"",
                "*a=-1.125",
                "a=?0;b=?1"
            })
    void readsEveryTypeOfStructuredField(String value) {
        CacheControl control = CacheControl.ofResponse(HeaderFields.of("CDN-Cache-Control", value + ", max-age=7"));
        assertThat(control.isTargeted()).isTrue();
        assertThat(control.maxAge()).isEqualTo(7);
    }
}
