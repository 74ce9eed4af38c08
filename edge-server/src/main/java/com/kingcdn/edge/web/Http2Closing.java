package com.kingcdn.edge.web;

import java.util.Locale;

/** Why this edge ended an HTTP/2 connection; also the metric label. */
enum Http2Closing {
    /** More resets, control frames, empty frames or field fragments than anybody needs. */
    FLOOD,
    /** Not HTTP/2 as RFC 9113 writes it. */
    PROTOCOL,
    /** Nothing was asked for long. */
    IDLE,
    /** The client took nothing of what it had asked for. */
    STALLED;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
