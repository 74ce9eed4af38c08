package com.kingcdn.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.policy.CacheControl.Flag;
import com.kingcdn.http.HeaderFields;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** RFC 9111 section 5.2 and RFC 9213 section 2.1, for whatever an origin may send. */
class CacheControlPropertyTest {

    @Provide
    Arbitrary<String> noise() {
        return Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(60),
                Arbitraries.strings().withChars("ab-=,;\"\\ \t()?:@*0123.").ofMaxLength(60));
    }

    @Property
    void noFieldMakesItFail(@ForAll @From("noise") String text) {
        HeaderFields fields = HeaderFields.of("Cache-Control", text, "CDN-Cache-Control", text, "Pragma", text);
        assertThat(CacheControl.ofRequest(fields)).isNotNull();
        assertThat(CacheControl.ofResponse(fields).maxAge()).isGreaterThanOrEqualTo(CacheControl.ABSENT);
    }

    @Property
    void theLeastOfSeveralLifetimesCounts(
            @ForAll @Size(min = 1, max = 6) List<@IntRange(max = 100_000) Integer> seconds) {
        String directives = seconds.stream().map(s -> "max-age=" + s).collect(Collectors.joining(","));
        assertThat(CacheControl.ofResponse(HeaderFields.of("Cache-Control", directives))
                        .maxAge())
                .isEqualTo(seconds.stream().mapToInt(Integer::intValue).min().orElseThrow());
    }

    @Property
    void whatStandsInQuotesIsNoDirective(@ForAll @From("noise") String text) {
        String quoted = text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("[\r\n]", " ");
        CacheControl control =
                CacheControl.ofResponse(HeaderFields.of("Cache-Control", "x=\"" + quoted + ", no-store\", max-age=5"));
        assertThat(control.has(Flag.NO_STORE)).isFalse();
        assertThat(control.maxAge()).isEqualTo(5);
    }

    @Property
    void aTargetedFieldSaysWhatCacheControlWouldSay(
            @ForAll @IntRange(max = 1_000_000) int seconds, @ForAll boolean flag) {
        String value = "max-age=" + seconds + (flag ? ", no-cache" : "");
        CacheControl targeted = CacheControl.ofResponse(HeaderFields.of("CDN-Cache-Control", value));
        CacheControl plain = CacheControl.ofResponse(HeaderFields.of("Cache-Control", value));
        assertThat(targeted.maxAge()).isEqualTo(plain.maxAge());
        assertThat(targeted.has(Flag.NO_CACHE)).isEqualTo(plain.has(Flag.NO_CACHE));
    }
}
