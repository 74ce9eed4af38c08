package com.kingcdn.http;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 9110 section 8.8.3. */
class EntityTagTest {

    @Test
    void readsStrongAndWeakTags() {
        assertThat(EntityTag.parse("\"xyzzy\"")).isEqualTo(new EntityTag("xyzzy", false));
        assertThat(EntityTag.parse("W/\"xyzzy\"")).isEqualTo(new EntityTag("xyzzy", true));
        assertThat(EntityTag.parse("\"\"")).isEqualTo(new EntityTag("", false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "xyzzy", "\"xyzzy", "xyzzy\"", "w/\"xyzzy\"", "W/xyzzy", "\"a\"b\"", "\"a\", \"b\"", "\""})
    void readsNothingElse(String text) {
        assertThat(EntityTag.parse(text)).isNull();
    }

    /** The table of section 8.8.3.2. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "W/\"1\", W/\"1\", false, true",
                "W/\"1\", W/\"2\", false, false",
                "W/\"1\", \"1\", false, true",
                "\"1\", \"1\", true, true"
            })
    void comparesStronglyAndWeakly(String one, String two, boolean strongly, boolean weakly) {
        EntityTag first = requireNonNull(EntityTag.parse(one));
        EntityTag second = requireNonNull(EntityTag.parse(two));
        assertThat(first.matchesStrongly(second)).isEqualTo(strongly);
        assertThat(second.matchesStrongly(first)).isEqualTo(strongly);
        assertThat(first.matchesWeakly(second)).isEqualTo(weakly);
        assertThat(second.matchesWeakly(first)).isEqualTo(weakly);
    }

    @Test
    void readsListsWhoseTagsHoldCommas() {
        assertThat(EntityTag.parseList("\"a,b\", W/\"c\",\"d\""))
                .containsExactly(new EntityTag("a,b", false), new EntityTag("c", true), new EntityTag("d", false));
        assertThat(EntityTag.parseList("junk, more")).isEmpty();
        assertThat(EntityTag.parseList("junk\"a\", \"b\"")).containsExactly(new EntityTag("b", false));
    }

    @Test
    void writesWhatItRead() {
        assertThat(new EntityTag("a", true)).hasToString("W/\"a\"");
        assertThat(new EntityTag("a", false)).hasToString("\"a\"");
    }
}
