package com.kingcdn.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.http.HeaderFields;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NullMarked
class TagsTest {

    @Test
    void comeFromThreeFields() {
        Tags tags = Tags.of(HeaderFields.of(
                "surrogate-key", "title-1  season-2",
                "cache-tag", "title-1,a b, ,c",
                "cache-groups", "\"one\", \"t,w\\\"o\"",
                "surrogate-key", "late"));

        assertThat(tags.keys()).containsExactly("title-1", "season-2", "late", "a b", "c");
        assertThat(tags.groups()).containsExactly("one", "t,w\"o");
        assertThat(tags.complete()).isTrue();
        assertThat(tags.size()).isEqualTo(7);
    }

    @Test
    void areNoneWithoutFields() {
        assertThat(Tags.of(HeaderFields.of("etag", "\"x\"", "cache-tag", " , ")))
                .isSameAs(Tags.NONE);
        assertThat(Tags.NONE.isEmpty()).isTrue();
    }

    /** RFC 9875 section 2: at least 32 groups of at least 32 characters. */
    @Test
    void areTakenUpToTheLimits() {
        String many = IntStream.range(0, Tags.MOST)
                .mapToObj(i -> "\"" + i + "x".repeat(Tags.LONGEST - 4) + "\"")
                .collect(Collectors.joining(", "));
        assertThat(Tags.of(HeaderFields.of("cache-groups", many)).groups()).hasSize(Tags.MOST);
        assertThat(Tags.of(HeaderFields.of("cache-groups", many)).complete()).isTrue();

        Tags tooMany = Tags.of(HeaderFields.of("cache-groups", many, "surrogate-key", "one-more"));
        assertThat(tooMany.complete()).isFalse();
        assertThat(tooMany.size()).isEqualTo(Tags.MOST);
        assertThat(Tags.of(HeaderFields.of("cache-tag", "x".repeat(Tags.LONGEST + 1)))
                        .complete())
                .isFalse();
    }

    /** RFC 9651 section 3.1: a list; parameters are ignored (RFC 9875 section 2). */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            "a"                   | a
            "a","b"               | a+b
            "a" ,	 "b"            | a+b
            "a";p="x,y";q, "b";r=1| a+b
            "A b"                 | A b
            """)
    void groupsAreAListOfStrings(String value, String groups) {
        assertThat(CacheGroups.parse(value)).containsExactly(groups.split("\\+"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\"a", "\"a\",", ",\"a\"", "\"a\" \"b\"", "\"\\x\"", "\"ü\"", "1", "(\"a\")", ""})
    void whatIsNoListOfStringsCountsForNothing(String value) {
        assertThat(CacheGroups.parse(value)).isEmpty();
    }
}
