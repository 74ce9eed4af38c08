package com.kingcdn.redirector.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KeyEntryTest {

    private static final String SECRET = "c2VjcmV0IG9mIHR3ZW50eS1mb3VyIGJ5dGVz";

    @TempDir
    Path directory;

    private KeySource read(@Nullable String algorithm, String text) throws IOException {
        Files.writeString(directory.resolve("xfr.key"), text);
        return new KeyEntry("XFR.", algorithm, "xfr.key").read(directory, "/keys/0");
    }

    private static String bind(String algorithm) {
        return "key \"xfr\" {\n\talgorithm " + algorithm + ";\n\tsecret \"" + SECRET + "\";\n};\n";
    }

    private static String knot(String algorithm) {
        return "# " + algorithm + ":xfr:" + SECRET + "\nkey:\n  - id: xfr\n    algorithm: " + algorithm
                + "\n    secret: " + SECRET + "\n";
    }

    @ParameterizedTest
    @CsvSource({"hmac-sha512", "HMAC-SHA384", "hmac-sha256"})
    void takesTheAlgorithmOfTheKeyFile(String algorithm) throws Exception {
        for (String text : new String[] {bind(algorithm), knot(algorithm)}) {
            KeySource key = read(null, text);

            assertThat(key.algorithm()).isEqualToIgnoringCase(algorithm);
            assertThat(key.secret()).isEqualTo(SECRET);
            assertThat(key.name()).isEqualTo("xfr");
            assertThat(read(algorithm, text)).isEqualTo(key);
        }
    }

    @Test
    void takesTheConfigurationsWhereTheFileHasNone() throws Exception {
        assertThat(read("hmac-sha512", SECRET + "\n").algorithm()).isEqualTo("hmac-sha512");
        assertThat(read(null, SECRET + "\n").algorithm()).isEqualTo("hmac-sha256");
    }

    @Test
    void refusesAConfigurationThatContradictsTheFile() {
        assertThatThrownBy(() -> read("hmac-sha256", bind("hmac-sha512")))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("says hmac-sha256")
                .hasMessageContaining("xfr.key says hmac-sha512")
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void refusesAnAlgorithmThatIsNotThere() {
        assertThatThrownBy(() -> read(null, bind("hmac-sha256-128")))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("'hmac-sha256-128' of key file")
                .hasMessageContaining("is none of hmac-sha224, hmac-sha256");
        assertThatThrownBy(() -> read("hmac-sha3", SECRET)).hasMessageContaining("'hmac-sha3' is none of");
    }
}
