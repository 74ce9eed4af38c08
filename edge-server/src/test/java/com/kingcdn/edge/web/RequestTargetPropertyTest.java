package com.kingcdn.edge.web;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetPropertyTest {

    @Provide
    Arbitrary<String> nastyTargets() {
        return Arbitraries.of(
                        "/", ".", "..", "%2e", "%2E", "%2f", "%5c", "\\", "a", "%61", "%", "%zz", "%00", "?", ";", "#")
                .list()
                .ofMaxSize(8)
                .map(parts -> "/" + String.join("", parts));
    }

    /** What is let through, no parser can make climb out of where it stands. */
    @Property(tries = 5_000)
    void whatIsAcceptedHasNoDotSegments(@ForAll("nastyTargets") String target) {
        RequestTarget parsed = RequestTarget.parse(target);
        if (parsed == null) {
            return;
        }
        String path = parsed.pathAndQuery().replaceFirst("\\?.*", "");
        String decoded = path.replace("%2e", ".")
                .replace("%2E", ".")
                .replace("%2f", "/")
                .replace("%5c", "/")
                .replace("%61", "a");
        for (String segment : decoded.split("[/\\\\]")) {
            assertThat(segment).isNotIn(".", "..");
        }
    }

    @Property
    void neverThrows(@ForAll String target) {
        RequestTarget parsed = RequestTarget.parse(target);
        assertThat(parsed == null || parsed.pathAndQuery().startsWith("/")).isTrue();
    }

    @Example
    void aCleanTargetIsKeptAsItIs() {
        assertThat(RequestTarget.parse("/a/b.c/...d/%20?x=../y&%"))
                .isEqualTo(new RequestTarget(null, "/a/b.c/...d/%20?x=../y&%"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "a",
                "a/b",
                "http:/x",
                "ftp://h/",
                "/a#b",
                "/a b",
                "/a\tb",
                "/\u00e9",
                "/a\u0000",
                "/%00",
                "/%0",
                "/%g0",
                "/..",
                "/a/../b",
                "/a/%2e%2E/b",
                "/a/.%2e",
                "/a\\..\\b",
                "/a%2f..%2fb",
                "/./a",
                "http://h:99999/",
                "http:///a",
                "http://user@h/"
            })
    void refusesWhatOthersCouldReadDifferently(String target) {
        assertThat(RequestTarget.parse(target)).isNull();
    }

    /** RFC 9112 section 3.2.2. */
    @ParameterizedTest
    @CsvSource({
        "http://Video.NetCinema.example/a?b, video.netcinema.example, /a?b",
        "HTTPS://h:8443, h:8443, /",
        "http://h?q, h, /?q",
        "http://[2001:DB8::1]:80/, [2001:db8::1]:80, /"
    })
    void readsTheAbsoluteForm(String target, String authority, String pathAndQuery) {
        assertThat(RequestTarget.parse(target)).isEqualTo(new RequestTarget(authority, pathAndQuery));
    }

    @ParameterizedTest
    @CsvSource({
        "A.example, a.example",
        "a.example., a.example.",
        "a:80, a:80",
        "127.0.0.1:8080, 127.0.0.1:8080",
        "[::1], [::1]",
        "x_y, x_y"
    })
    void acceptsHosts(String value, String normal) {
        assertThat(HostField.normalise(value)).isEqualTo(normal);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":80",
                "a b",
                "a/b",
                "a@b",
                "a:65536",
                "a:-1",
                "a:b",
                "[::1",
                "[]",
                "a,b",
                "a\u0000",
                "[x]:1",
                "\u00e4.example"
            })
    void refusesWhatIsNoHost(String value) {
        assertThat(HostField.normalise(value)).isNull();
    }
}
