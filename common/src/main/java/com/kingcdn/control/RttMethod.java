package com.kingcdn.control;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How a round-trip time was measured. */
public enum RttMethod {
    /** A DNS query over UDP to a resolver; any answer counts, a refusal too. */
    DNS,
    /** A TCP connection begun; a refusal (RST) tells the delay as well. */
    TCP,
    /** An ICMP echo; only the answer of the target itself counts. */
    ICMP,
    /** By the kernel, on connections that clients had opened to the edge: no probe was sent. */
    PASSIVE;

    private static final RttMethod[] ALL = values();

    private final String text = name().toLowerCase(Locale.ROOT);

    /** Leniently, since edges may be newer than redirectors: what is not known was some kind of probe. */
    static RttMethod of(String text) {
        for (RttMethod method : ALL) {
            if (method.text.equals(text)) {
                return method;
            }
        }
        return DNS;
    }

    /** In lower case. */
    @JsonValue
    public String text() {
        return text;
    }
}
