package com.kingcdn.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import com.kingcdn.http.HeaderFields;

/** Vary and the fields it names as anybody could write them (RFC 9111 section 4.1). */
class VariantFuzzTest {

    @FuzzTest(maxDuration = "90s")
    void aRequestSelectsWhatItBrought(FuzzedDataProvider data) {
        String vary = data.consumeAsciiString(60);
        String language = data.consumeAsciiString(60);
        String encoding = data.consumeAsciiString(60);
        String other = data.consumeRemainingAsAsciiString();
        HeaderFields response = HeaderFields.of("vary", vary);
        HeaderFields request =
                HeaderFields.of("accept-language", language, "accept-encoding", encoding, "x-other", other);
        Variant variant = Variant.of(response, request);
        if (variant == null) {
            assertThat(vary).contains("*");
            return;
        }
        assertThat(variant.matches(request, null)).isTrue();
        assertThat(Variant.of(response, request)).isEqualTo(variant);
        if (variant.names().contains("x-other")) {
            HeaderFields different = request.with("x-other", other + "x");
            assertThat(variant.matches(different, null)).isFalse();
        }
    }
}
