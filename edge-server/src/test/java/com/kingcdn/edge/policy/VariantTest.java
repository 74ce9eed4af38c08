package com.kingcdn.edge.policy;

import static com.kingcdn.edge.policy.Examples.NOW;
import static com.kingcdn.edge.policy.Examples.get;
import static com.kingcdn.edge.policy.Examples.stored;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.HeaderFields;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9111 section 4.1. */
class VariantTest {

    private static StoredResponse varying(String vary, String... request) {
        return stored(get(request), 200, "Cache-Control", "max-age=60", "Vary", vary);
    }

    @Test
    void withoutVaryItAnswersEveryRequest() {
        assertThat(stored("Cache-Control", "max-age=60").answers(get("Foo", "1")))
                .isTrue();
        assertThat(varying(", ,").variant()).isEqualTo(Variant.NONE);
    }

    @Test
    void everyListedFieldMustMatch() {
        StoredResponse response = varying("Foo, BAR", "Foo", "1", "Bar", "abc", "Baz", "7");
        assertThat(response.answers(get("Bar", "abc", "Foo", "1"))).isTrue();
        assertThat(response.answers(get("Bar", "abc", "Foo", "2"))).isFalse();
        assertThat(response.answers(get("Bar", "ABC", "Foo", "1"))).isFalse();
        assertThat(response.answers(get("Foo", "1"))).isFalse();
        assertThat(varying("Foo").answers(get("Foo", "1"))).isFalse();
        assertThat(varying("Foo").answers(get())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "*, *", ", *", "*, Foo", "Foo, *"})
    void aStarMatchesNothing(String vary) {
        assertThat(Variant.of(HeaderFields.of("Vary", vary), HeaderFields.EMPTY))
                .isNull();
        assertThat(Variant.of(HeaderFields.of("Vary", "Foo", "Vary", vary), HeaderFields.EMPTY))
                .isNull();
    }

    @Test
    void linesAreCombinedAndSpacesBesideCommasRemoved() {
        StoredResponse response = varying("Foo", "Foo", "1, 2");
        assertThat(response.answers(get("Foo", "1", "Foo", "2"))).isTrue();
        assertThat(response.answers(get("Foo", " 1 ,2 "))).isTrue();
        assertThat(response.answers(get("Foo", "2, 1"))).isFalse();
        assertThat(varying("Foo", "Foo", "\"1, 2\"").answers(get("Foo", "\"1,2\"")))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "en, de | de, en | true",
                "en, de | eN,   De | true",
                "en, de | en;q=1.0, de;q=1 | true",
                "en, de;q=0.5 | de;q=0.5, en | true",
                "en, de;q=0.5 | de, en;q=0.5 | false",
                "en | de | false"
            })
    void languagesAreASetWithWeights(String one, String two, boolean same) {
        assertThat(varying("Accept-Language", "Accept-Language", one).answers(get("Accept-Language", two)))
                .isEqualTo(same);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fr;q=0.5, de;q=1.0 | true",
                "de | true",
                "fr, de | false",
                "fr, de;q=0.5 | false",
                "de;q=0 | false",
                "*, de;q=0.5 | false"
            })
    void theOneLanguageWantedMostSelectsTheResponseInThatLanguage(String wanted, boolean answers) {
        StoredResponse german = stored(
                get("Accept-Language", "en, de"),
                200,
                "Cache-Control",
                "max-age=60",
                "Vary",
                "Accept-Language",
                "Content-Language",
                "DE");
        assertThat(german.answers(get("Accept-Language", wanted))).isEqualTo(answers);
    }

    @Test
    void theLatestOfSeveralThatMatchIsSelected() {
        StoredResponse old = response(Variant.NONE, NOW - 1000);
        StoredResponse newer = response(Variant.NONE, NOW);
        StoredResponse other =
                response(requireNonNull(Variant.of(HeaderFields.of("Vary", "Foo"), HeaderFields.EMPTY)), NOW + 1000);
        assertThat(select(List.of(old, newer, other), get("Foo", "1"))).isSameAs(newer);
        assertThat(select(List.of(newer, old, other), get())).isSameAs(other);
        assertThat(select(List.of(other), get("Foo", "1"))).isNull();
    }

    private static StoredResponse response(Variant variant, long time) {
        return StoredResponse.of(200, HeaderFields.EMPTY, variant, time, time);
    }

    private static @Nullable StoredResponse select(List<StoredResponse> responses, CacheRequest request) {
        return StoredResponse.select(responses, Function.identity(), request);
    }
}
