package com.kingcdn.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.HeaderFields;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The No-Vary-Search field, and what it makes of targets. */
class NoVarySearchTest {

    private static @Nullable NoVarySearch said(String field) {
        return NoVarySearch.of(HeaderFields.of("no-vary-search", field));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "key-order                        | /p?b=1&a=2&b=0  | /p?a=2&b=1&b=0",
                "params                           | /p?a=1&b=2      | /p",
                "params=(\"a\" \"c\")             | /p?a=1&b=2&c    | /p?b=2",
                "params, except=(\"b\")           | /p?a=1&b=2      | /p?b=2",
                "params=(\"a b\")                 | /p?a+b=1&a%20b=2&c=3 | /p?c=3",
                "params=(\"a\")                   | /p?%61=1&%=2    | /p?%=2",
                "params=(\"a\"), key-order, new=1 | /p?c=1&a=1&b=2  | /p?b=2&c=1",
                "params                           | /p              | /p",
            })
    void targetsThatMeanTheSameBecomeOne(String field, String target, String canonical) {
        NoVarySearch said = said(field);
        assertThat(said).isNotNull();
        assertThat(said.canonical(target)).isEqualTo(canonical);
        assertThat(said.canonical(canonical)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "key-order=?0",
                "key-order=1",
                "params=1",
                "params=(a)",
                "params=(\"a\"), except=(\"b\")",
                "except=(\"b\")",
                "params, except",
                "params=(\"a\"",
                "PARAMS"
            })
    void whatIsInvalidSaysNothing(String field) {
        assertThat(said(field)).isNull();
    }

    @Test
    void withoutTheFieldAllOfTheQueryMatters() {
        assertThat(NoVarySearch.of(HeaderFields.EMPTY)).isNull();
    }
}
