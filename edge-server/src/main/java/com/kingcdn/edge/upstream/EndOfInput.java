package com.kingcdn.edge.upstream;

/** What is known of the end of what an endpoint sends on a connection, before and when it comes. Of the connection's event loop. */
final class EndOfInput {

    private final boolean secure;
    private boolean notified;
    private boolean spoiled;

    /** @param secure whether the connection has TLS, so that an end is to be announced */
    EndOfInput(boolean secure) {
        this.secure = secure;
    }

    /** The endpoint has said that it sends no more (RFC 8446 section 6.1), or this has gone wrong. */
    void notified(boolean orderly) {
        notified = orderly;
    }

    /** Something has come that answers nothing which was asked, or has failed. */
    void spoil() {
        spoiled = true;
    }

    /** It is us who end the connection, perhaps with octets unread: but behind an end that was announced nothing is to come. */
    void cutOff() {
        spoiled |= !notified;
    }

    /** Whether the connection can be used for no further exchange. */
    boolean isNear() {
        return notified || spoiled;
    }

    /** Whether content that lasts as long as its connection is whole at this end: over TLS, anybody can make another (RFC 9112 section 9.8). */
    boolean isOfContent() {
        return !spoiled && (!secure || notified);
    }
}
