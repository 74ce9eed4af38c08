package com.kingcdn.edge.coding;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client can decode, and wants most (RFC 9110 section 12.5.3). */
class AcceptEncodingTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-                                | -",
                "''                               | -",
                "identity                         | -",
                "deflate, compress                | -",
                "gzip                             | GZIP",
                "x-gzip                           | GZIP",
                "GZip ; Q=0.8                     | GZIP",
                "gzip;q=1.0, br;q=0.9             | GZIP",
                "gzip, zstd, br                   | BR",
                "gzip, zstd                       | ZSTD",
                "*                                | BR",
                "br;q=0, *;q=0.5, identity;q=0.1  | ZSTD",
                "gzip;q=0                         | -",
                "gzip;q=0.5, identity             | -",
                "gzip;q=much                      | -",
                "gzip;q=0.5, *;q=0                | GZIP",
            })
    void theHeaviestIsChosen(@Nullable String field, @Nullable ContentCoding coding) {
        assertThat(AcceptEncoding.preferred(field)).isEqualTo(coding);
    }

    @Property
    void anyTextIsRead(
            @ForAll @Chars({'g', 'z', 'i', 'p', 'b', 'r', ';', ',', '=', 'q', '0', '.', '*', ' '}) String field) {
        ContentCoding coding = AcceptEncoding.preferred(field);
        // nobody gets a coding that is not named
        assertThat(coding == null || field.contains("*") || field.contains(coding.token()))
                .isTrue();
    }
}
