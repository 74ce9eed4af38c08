package com.kingcdn.redirector.query;

import java.util.Locale;

/** What a client gets instead of an answer that it may not have. */
enum LimitAction {
    /** An empty answer with TC: it may ask over TCP. */
    TRUNCATED,
    /** An empty answer with a cookie: it may ask with that. */
    BADCOOKIE,
    /** Nothing. */
    DROPPED;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
