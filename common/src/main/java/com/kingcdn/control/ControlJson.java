package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON form (RFC 8259) of the control-plane contract: unknown and duplicate keys are refused, absent numbers are zero, nulls are left
 * out, times are ISO 8601 text, durations are {@link DurationText}.
 *
 * <p>Strict, since a misspelt key of an operator must not be taken for its absence. What edges report is read leniently (each report is
 * marked so), because edges and redirectors are not upgraded in the same second.
 */
public final class ControlJson {

    private static final int MAX_NESTING = 32;

    /** A journal has records of DNS as names, in Base64: what is written must be readable, and one may have 64 KiB. */
    private static final int MAX_NAME = 1 << 17;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            .maxNameLength(MAX_NAME)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .addModule(DurationText.module())
            .changeDefaultPropertyInclusion(value -> value.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private static final ObjectReader REPORTS = MAPPER.reader().without(StreamReadFeature.STRICT_DUPLICATE_DETECTION);

    private ControlJson() {}

    /** A reader of what edges report: does not look for duplicate keys, which takes as much memory as all the rest. Safe for several threads. */
    public static ObjectReader reports() {
        return REPORTS;
    }

    /** The one mapper; immutable and safe for use by several threads. */
    public static JsonMapper mapper() {
        return MAPPER;
    }
}
