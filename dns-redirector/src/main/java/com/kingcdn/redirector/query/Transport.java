package com.kingcdn.redirector.query;

/** How a query came. */
public enum Transport {
    UDP,
    TCP,
    /** DNS over TLS, RFC 7858. */
    TLS,
    /** DNS over HTTPS, RFC 8484. */
    HTTPS;

    /** In lower case, as in labels and logs. */
    public String label() {
        return switch (this) {
            case UDP -> "udp";
            case TCP -> "tcp";
            case TLS -> "tls";
            case HTTPS -> "https";
        };
    }

    /** Whether nobody on the way can read along. */
    boolean encrypted() {
        return this == TLS || this == HTTPS;
    }

    /** Whether a client holds a connection whose life it can ask about (RFC 7828 section 3). */
    boolean connected() {
        return this == TCP || this == TLS;
    }
}
