package com.kingcdn.origin.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9112 section 3.2. */
class RequestTargetTest {

    @ParameterizedTest
    @CsvSource({
        "/a/b?c=/d, /a/b",
        "/a#f, /a",
        "http://origin.example:8600/a?b, /a",
        "http://origin.example, /",
        "/a?u=http://x/y, /a",
        "*, *",
        "'', ''"
    })
    void thePathIsAsItCame(String target, String path) {
        assertThat(RequestTarget.rawPath(target)).isEqualTo(path);
    }

    @ParameterizedTest
    @CsvSource({
        "/6Y7B23V, true",
        "/contents/a, true",
        "/%63ontent/a, true",
        "/content, false",
        "/content?limit=1, false",
        "/content/a, false",
        "/metrics, false",
        "/actuator/health/liveness, false",
        "/content/%zz, true",
        "http://h/content/a, false"
    })
    void theOriginsOwnInterfaceIsNotContent(String target, boolean content) {
        assertThat(RequestTarget.isContent(target)).isEqualTo(content);
    }
}
