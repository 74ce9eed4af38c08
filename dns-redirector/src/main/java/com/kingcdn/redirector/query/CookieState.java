package com.kingcdn.redirector.query;

import java.util.Locale;

/** What a query's COOKIE option says about the client's address (RFC 7873 section 5.2). */
enum CookieState {
    /** There is no option. */
    ABSENT,
    /** A client cookie alone: the client has none of ours yet. */
    NEW,
    /** A server cookie that we did not make for this client, or too long ago. */
    INVALID,
    /** A server cookie of ours: the client receives what is sent to its address. */
    VALID;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
