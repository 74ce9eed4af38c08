package com.kingcdn.edge.web;

import java.util.Locale;

/** Why this edge ended a connection of HTTP/2 or HTTP/3; also the metric label. */
enum ConnectionClosing {
    /** More resets, control frames, empty frames or field fragments than anybody needs. */
    FLOOD,
    /** Not the protocol as RFC 9113 or RFC 9114 writes it. */
    PROTOCOL,
    /** Nothing was asked for long. */
    IDLE,
    /** The client took nothing of what it had asked for, or sent nothing of what it had announced. */
    STALLED;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
