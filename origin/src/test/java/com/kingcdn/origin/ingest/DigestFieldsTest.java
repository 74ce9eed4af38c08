package com.kingcdn.origin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9530 sections 2 and 3. */
class DigestFieldsTest {

    private static final String HELLO = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:";
    private static final String HELLO_HEX = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    @Test
    void findsSha256AmongOthers() {
        assertThat(DigestFields.sha256(List.of("unixsum=30637, " + HELLO + ";p=1", HELLO)))
                .isEqualTo(HELLO_HEX);
    }

    @Test
    void otherAlgorithmsAreLeftAlone() {
        assertThat(DigestFields.sha256(List.of("sha-512=:AAAA:"))).isNull();
        assertThat(DigestFields.sha256(List.of())).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha-256",
                "sha-256=",
                "sha-256=:",
                "sha-256=::",
                "sha-256=:!!!!:",
                "sha-256=:AAAA:",
                "sha-256=LPJN",
                HELLO + ","
            })
    void whatIsMalformedIsRefused(String value) {
        assertThatThrownBy(() -> DigestFields.sha256(List.of(value))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void twoThatDifferAreRefused() {
        assertThatThrownBy(() ->
                        DigestFields.sha256(List.of(HELLO, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:")))
                .hasMessageContaining("two SHA-256 digests");
    }
}
