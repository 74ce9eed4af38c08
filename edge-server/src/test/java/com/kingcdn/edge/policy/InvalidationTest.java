package com.kingcdn.edge.policy;

import static com.kingcdn.edge.policy.Examples.TARGET;
import static com.kingcdn.edge.policy.Examples.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.HeaderFields;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9111 section 4.4. */
class InvalidationTest {

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "whatever"})
    void whatIsNotKnownToBeSafeInvalidates(String method) {
        assertThat(Invalidation.invalidates(method, 200)).isTrue();
        assertThat(Invalidation.invalidates(method, 204)).isTrue();
        assertThat(Invalidation.invalidates(method, 303)).isTrue();
        assertThat(Invalidation.invalidates(method, 404)).isFalse();
        assertThat(Invalidation.invalidates(method, 500)).isFalse();
        assertThat(Invalidation.invalidates(method, 100)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND"})
    void safeMethodsDoNot(String method) {
        assertThat(Invalidation.invalidates(method, 200)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "location_target, /location_target",
        "/a/../b?c=d, /b?c=d",
        "/a/./b/.., /a/",
        "/../../b, /b",
        "/a?x=/../y#z, /a?x=/../y",
        "a|b?c={d}, /a|b?c={d}",
        "/[a]/%5e^, /[a]/%5e^",
        "/a:b, /a:b",
        "?x, /6Y7B23V?x",
        "http://VIDEO.netcinema.example:8080/abs, /abs",
        "http://video.netcinema.example:8080, /"
    })
    void whatALocationOnTheSameOriginNamesGoesToo(String location, String target) {
        CacheRequest put = request("PUT");
        assertThat(Invalidation.targets(put, HeaderFields.of("Location", location)))
                .containsExactlyInAnyOrder(TARGET, target);
        assertThat(Invalidation.targets(put, HeaderFields.of("Content-Location", location)))
                .containsExactlyInAnyOrder(TARGET, target);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://other.example/a",
                "https://video.netcinema.example:8080/a",
                "http://video.netcinema.example/a",
                "//other.example/a",
                "mailto:a@b.example",
                "http:/a",
                "http://video.netcinema.example:8080@other.example/a",
                "/a b",
                "/%zz",
                ":not a uri:",
                "%"
            })
    void nothingOfAnotherOriginDoes(String location) {
        assertThat(Invalidation.targets(request("PUT"), HeaderFields.of("Location", location)))
                .isEqualTo(Set.of(TARGET));
    }

    @Test
    void aTargetThatIsNoUriByTheLetterIsABaseAllTheSame() {
        CacheRequest post =
                new CacheRequest("POST", "https", "video.netcinema.example", "/a|b/{c}?d=[1]", HeaderFields.EMPTY);
        assertThat(Invalidation.targets(post, HeaderFields.of("Location", "e", "Content-Location", "?f")))
                .containsExactlyInAnyOrder("/a|b/{c}?d=[1]", "/a|b/e", "/a|b/{c}?f");
    }

    @Test
    void withoutALocationItIsTheTargetAlone() {
        assertThat(Invalidation.targets(request("DELETE"), HeaderFields.EMPTY)).containsExactly(TARGET);
    }
}
