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
    /** A good one that is to be replaced: half of its time is over, or it was made with a former secret. */
    OLD,
    /** A good one, which is sent back as it is. */
    VALID;

    /** Whether the client has shown that it receives what is sent to its address. */
    boolean provesAddress() {
        return this == VALID || this == OLD;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
