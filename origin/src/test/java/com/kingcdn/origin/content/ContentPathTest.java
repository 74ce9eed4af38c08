package com.kingcdn.origin.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentPathTest {

    @ParameterizedTest
    @CsvSource({
        "/6Y7B23V, /6Y7B23V",
        "/titles/a%20b.mp4, /titles/a b.mp4",
        "/%C3%A9t%c3%a9, /été",
        "/a;b=c, /a;b=c",
        "/%2541, /%41",
        "/a...b, /a...b"
    })
    void decodesOnce(String raw, String decoded) {
        assertThat(ContentPath.parse(raw).value()).isEqualTo(decoded);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "/",
                "//",
                "/a//b",
                "/a/",
                "/.",
                "/..",
                "/../etc/passwd",
                "/a/../b",
                "/%2e%2e/b",
                "/a/%2E./b",
                "/.hidden",
                "/a/.hidden/b",
                "/%00",
                "/a%00.mp4",
                "/a%0ab",
                "/a%7f",
                "/a%C2%85",
                "/a%2Fb",
                "/a%5Cb",
                "/a\\b",
                "/%",
                "/%4",
                "/%zz",
                "/%-1",
                "/%ff",
                "/%C0%AF",
                "/%ED%A0%80"
            })
    void refusesWhatDoesNotMeanOneThingEverywhere(String raw) {
        assertThatThrownBy(() -> ContentPath.parse(raw))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .isNotBlank()
                .doesNotContainPattern("\\p{Cntrl}");
    }

    @Test
    void refusesWhatIsTooLong() {
        String segment = "/" + "a".repeat(255);

        assertThat(ContentPath.parse(segment.repeat(4)).value()).hasSize(ContentPath.MAX_BYTES);
        assertThatThrownBy(() -> ContentPath.parse(segment.repeat(4) + "/b")).hasMessageContaining("longer than 1024");
        assertThatThrownBy(() -> ContentPath.parse(segment + "a")).hasMessageContaining("longer than 255");
        assertThatThrownBy(() -> ContentPath.parse("/" + "%61".repeat(100_000)))
                .hasMessageContaining("longer than 1024");
    }

    @Test
    void knowsTheOriginsOwnPaths() {
        assertThat(new ContentPath("/content").isReserved()).isTrue();
        assertThat(new ContentPath("/metrics/x").isReserved()).isTrue();
        assertThat(new ContentPath("/actuator/health").isReserved()).isTrue();
        assertThat(new ContentPath("/contents").isReserved()).isFalse();
        assertThat(new ContentPath("/a/content").isReserved()).isFalse();
    }
}
