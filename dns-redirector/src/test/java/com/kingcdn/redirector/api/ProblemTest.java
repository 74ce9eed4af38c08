package com.kingcdn.redirector.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.registry.ControlStoreException;
import com.kingcdn.redirector.registry.ControlStoreException.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProblemTest {

    /** RFC 9110 section 10.2.3: a time that is known is said, and trying again is not asked for where it cannot help. */
    @ParameterizedTest
    @CsvSource({"BUSY, 503, 1", "UNWRITABLE, 503, 5", "STOPPED, 503,", "DAMAGED, 503,", "TOO_LONG, 413,"})
    void saysWhenToTryAgain(Kind kind, int status, @Nullable String seconds) {
        ControlStoreException failure = new ControlStoreException(kind, "why", null);
        assertThat(Problem.of(failure, "PUT /v1/clusters/fra", "").status()).isEqualTo(status);
        assertThat(Problem.headers(failure).get("retry-after")).isEqualTo(seconds == null ? null : List.of(seconds));
    }
}
