package com.kingcdn.redirector.query;

/** How a query came. */
public enum Transport {
    UDP,
    TCP,
    /** DNS over HTTPS, RFC 8484. */
    HTTPS;

    /** In lower case, as in labels and logs. */
    public String label() {
        return switch (this) {
            case UDP -> "udp";
            case TCP -> "tcp";
            case HTTPS -> "https";
        };
    }
}
