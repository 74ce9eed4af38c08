package com.kingcdn.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link BearerToken}: RFC 6750 section 2.1. */
class BearerTokenTest {

    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path directory;

    @Test
    void isReadFromAFileWithoutTheWhiteSpaceAroundIt() throws IOException {
        Path file = Files.writeString(directory.resolve("token"), "  " + SECRET + "\n");

        BearerToken token = BearerToken.read(file);

        assertThat(token.matches("Bearer " + SECRET)).isTrue();
        assertThat(token.authorizationHeader()).isEqualTo("Bearer " + SECRET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer " + SECRET, "bearer " + SECRET, "BEARER   " + SECRET})
    void theSchemeIsNotCaseSensitive(String header) {
        assertThat(BearerToken.of(SECRET).matches(header)).isTrue();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "Bearer",
                "Bearer ",
                SECRET,
                "Basic " + SECRET,
                "Bearer " + SECRET + "0",
                "Bearer 0123456789abcdef0123456789abcde",
                "Bearer" + SECRET,
                "Bearer 0123456789ABCDEF0123456789ABCDEF"
            })
    void anythingElseDoesNotMatch(String header) {
        assertThat(BearerToken.of(SECRET).matches(header)).isFalse();
    }

    @Test
    void isNeverPrinted() {
        assertThat(BearerToken.of(SECRET)).asString().doesNotContain(SECRET);
    }

    @Test
    void aShortOneIsRefusedAndTheFileNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("token"), "short-secret\n");

        assertThatThrownBy(() -> BearerToken.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("fewer than 16")
                .hasMessageNotContaining("short-secret");
    }

    @Test
    void ofTwoTheFirstIsShownAndBothAreAccepted() {
        String former = "fedcba9876543210";
        BearerToken both = BearerToken.of(SECRET + "\n " + former + "\r\n");

        assertThat(both.authorizationHeader()).isEqualTo("Bearer " + SECRET);
        assertThat(both.matches("Bearer " + SECRET)).isTrue();
        assertThat(both.matches("Bearer " + former)).isTrue();
        assertThat(both.matches("Bearer " + SECRET + "\n" + former)).isFalse();
        assertThat(both.derive("seal")).hasSize(2);
        assertThat(both.derive("seal").get(1))
                .isEqualTo(BearerToken.of(former).derive("seal").get(0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0123456789abcdef\n0123\n", "0123456789abcdef\n0123456789abcdef\n0123456789abcdef", "", "\n"})
    void moreThanTwoAndAShortSecondOneAreRefused(String text) {
        assertThatThrownBy(() -> BearerToken.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("0123456789");
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = directory.resolve("none");

        assertThatThrownBy(() -> BearerToken.read(missing))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(missing.toString());
    }
}
