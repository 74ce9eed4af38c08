package com.kingcdn.edge.upstream;

/** Which fields tell an origin about the client. */
public enum ForwardedStyle {
    /** {@code X-Forwarded-For}, {@code -Host} and {@code -Proto}. */
    X_FORWARDED,
    /** {@code Forwarded} (RFC 7239). */
    FORWARDED,
    /** None: the origin learns nothing of the client. */
    NONE
}
