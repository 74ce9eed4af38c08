package com.kingcdn.redirector.query;

import com.kingcdn.redirector.routing.ChoiceReason;
import com.kingcdn.redirector.routing.ClusterChoice;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Rcode;

/** Why an answer is not what a client hoped for: an extended DNS error (RFC 8914), without text. */
enum ExtendedError {
    /** The nodes were up last, and none that serves this client is now. */
    STALE_ANSWER(3),
    /** There is no cluster at all to choose from. */
    NOT_READY(14),
    /** The name is in none of our zones, and we look up nothing for others. */
    NOT_AUTHORITATIVE(20),
    /** An opcode, class or type that is not answered here. */
    NOT_SUPPORTED(21),
    /** The zone is ours to answer for, but our copy of it has expired, or has not come yet. */
    INVALID_DATA(24),
    /** A type that stands in no question (RFC 9824 section 3.5). */
    INVALID_QUERY_TYPE(30);

    /** How long an option is, its code and length counted in. */
    static final int LENGTH = 6;

    private static final byte OPTION_CODE = 15;

    private final byte code;

    ExtendedError(int code) {
        this.code = (byte) code;
    }

    /**
     * What there is to say about an answer of our zones; null for nothing.
     *
     * @param choice the cluster whose nodes it names, if any
     */
    static @Nullable ExtendedError of(int rcode, @Nullable ClusterChoice choice) {
        if (choice != null) {
            return choice.reason() == ChoiceReason.LAST_KNOWN_GOOD ? STALE_ANSWER : null;
        }
        return switch (rcode) {
            case Rcode.SERVFAIL -> NOT_READY;
            case Rcode.REFUSED -> NOT_AUTHORITATIVE;
            default -> null;
        };
    }

    /** Writes the option; the result is where it ends. */
    int write(byte[] out, int offset) {
        out[offset] = 0;
        out[offset + 1] = OPTION_CODE;
        out[offset + 2] = 0;
        out[offset + 3] = 2;
        out[offset + 4] = 0;
        out[offset + 5] = code;
        return offset + LENGTH;
    }
}
