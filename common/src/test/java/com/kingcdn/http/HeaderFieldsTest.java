package com.kingcdn.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** RFC 9110 sections 5.2, 5.3 and 6.3. */
class HeaderFieldsTest {

    @Test
    void keptSectionsShareTheirStrings() {
        String field = "max-age=" + System.nanoTime();
        HeaderFields one = HeaderFields.of("Cache-Control", new String(field)).shared();
        HeaderFields two = HeaderFields.of("cache-control", new String(field)).shared();
        assertThat(two).isEqualTo(one).isEqualTo(HeaderFields.of("cache-control", field));
        assertThat(two.name(0)).isSameAs(one.name(0));
        assertThat(two.value(0)).isSameAs(one.value(0));
        HeaderFields many = HeaderFields.EMPTY;
        for (int i = 0; i < 10_000; i++) {
            many = HeaderFields.of("x-" + i, "v" + i).shared();
            assertThat(many.name(0) + many.value(0)).isEqualTo("x-" + i + "v" + i);
        }
    }

    /** RFC 9112 section 5. */
    @Test
    void encodesItselfAsHttp1Does() {
        HeaderFields fields = HeaderFields.of("ETag", "\"a\"", "X-Latin", "caf\u00e9\u20ac", "X-Empty", "");
        for (int time = 0; time < 3; time++) {
            byte[] octets = new byte[fields.encodedLength() + 2];
            assertThat(fields.encodeTo(octets, 1)).isEqualTo(octets.length - 1);
            assertThat(new String(octets, StandardCharsets.ISO_8859_1))
                    .isEqualTo("\0etag: \"a\"\r\nx-latin: caf\u00e9?\r\nx-empty: \r\n\0");
        }
        assertThat(HeaderFields.EMPTY.encodedLength()).isZero();
    }

    private static final HeaderFields FIELDS = HeaderFields.of("A", " 1 ", "b", "2", "a", "3");

    @Test
    void namesKnowNoCaseAndLinesKeepTheirOrder() {
        assertThat(FIELDS.size()).isEqualTo(3);
        assertThat(FIELDS.name(2)).isEqualTo("a");
        assertThat(FIELDS.value(0)).isEqualTo("1");
        assertThat(FIELDS.first("a")).isEqualTo("1");
        assertThat(FIELDS.all("a")).containsExactly("1", "3");
        assertThat(FIELDS.first("c")).isNull();
        assertThat(FIELDS.contains("b")).isTrue();
    }

    @Test
    void linesOfOneNameCombineIntoAList() {
        assertThat(FIELDS.combined("a")).isEqualTo("1, 3");
        assertThat(FIELDS.combined("b")).isEqualTo("2");
        assertThat(FIELDS.combined("c")).isNull();
    }

    @Test
    void changesMakeNewSections() {
        assertThat(FIELDS.with("A", "4")).isEqualTo(HeaderFields.of("b", "2", "a", "4"));
        assertThat(FIELDS.without("a"::equals)).isEqualTo(HeaderFields.of("b", "2"));
        assertThat(FIELDS.toBuilder().remove("B").build()).isEqualTo(HeaderFields.of("a", "1", "a", "3"));
        assertThat(FIELDS.without(name -> true)).isSameAs(HeaderFields.EMPTY);
        assertThat(FIELDS)
                .isEqualTo(HeaderFields.of("a", "1", "b", "2", "a", "3"))
                .hasToString("a: 1\nb: 2\na: 3\n");
    }

    @Test
    void refusesANameWithoutAValue() {
        assertThatThrownBy(() -> HeaderFields.of("a")).hasMessageContaining("without a value");
    }

    @Test
    void whatWasBuiltStaysWhatItIs() {
        HeaderFields.Builder builder = HeaderFields.builder(2).add("A", "1").add("b", "2");
        HeaderFields built = builder.build();
        assertThat(builder.set("a", "3").add("c", "4").build())
                .isEqualTo(HeaderFields.of("b", "2", "a", "3", "c", "4"));
        assertThat(HeaderFields.builder(1).add("a", "1").add("b", "2").build()).isEqualTo(built);
        assertThat(built).isEqualTo(HeaderFields.of("a", "1", "b", "2"));
    }

    @Test
    void sectionsAreJoined() {
        assertThat(FIELDS.plus(HeaderFields.of("c", "5")).combined("c")).isEqualTo("5");
        assertThat(FIELDS.plus(HeaderFields.EMPTY)).isSameAs(FIELDS);
        assertThat(HeaderFields.EMPTY.plus(FIELDS)).isSameAs(FIELDS);
    }

    /** The summary of names has one bit for several names: it must never hide one. */
    @Test
    void setsOfNamesFindWhatIsThereAndNothingElse() {
        for (int i = 0; i < 1000; i++) {
            HeaderFields fields = HeaderFields.of("x-" + i, "1", "y-" + i, "2");
            assertThat(fields.first("y-" + i)).isEqualTo("2");
            assertThat(fields.contains("y-" + (i + 1))).isFalse();
            assertThat(fields.containsAny(FieldNames.of("y-" + i, "z"))).isTrue();
            assertThat(fields.containsAny(FieldNames.of("y-" + (i + 1), "z"))).isFalse();
            assertThat(fields.without(FieldNames.of("x-" + i, "z"))).isEqualTo(HeaderFields.of("y-" + i, "2"));
            assertThat(fields.without(FieldNames.of("z-" + i))).isSameAs(fields);
        }
    }
}
