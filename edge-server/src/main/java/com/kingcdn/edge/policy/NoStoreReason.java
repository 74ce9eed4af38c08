package com.kingcdn.edge.policy;

import java.util.Locale;

/** Why a response is not stored (RFC 9111 section 3). */
public enum NoStoreReason {
    /** The method is not one whose responses we store. */
    METHOD,
    /** The request said no-store. */
    REQUEST_NO_STORE,
    /** The response said no-store. */
    NO_STORE,
    /** The response said private: this cache is shared. */
    PRIVATE,
    /** The response said must-understand, and its status code is not understood. */
    NOT_UNDERSTOOD,
    /** The request was authorised, and the response does not allow sharing (section 3.5). */
    AUTHORIZATION,
    /** It varies on more than request fields. */
    VARY_STAR,
    /** It sets a cookie and says nothing about freshness. */
    SET_COOKIE,
    /** The status code is not final, or not one to be stored without explicit freshness. */
    STATUS,
    /** A part of which it is unclear what it is a part of. */
    PARTIAL,
    /** There is no memory for one more response, or its content is longer than any that is stored. */
    NO_ROOM,
    /** Its key was purged while it was on its way. */
    PURGED,
    /** What it says about its query (No-Vary-Search) is not what the last one said: the next will be stored. */
    NO_VARY_SEARCH,
    /** It can never be reused: neither is it fresh for any time nor can it be validated. */
    UNUSABLE;

    /** For metric labels and the {@code detail} of Cache-Status. */
    public String token() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
