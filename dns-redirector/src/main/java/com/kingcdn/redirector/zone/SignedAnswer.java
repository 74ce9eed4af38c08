package com.kingcdn.redirector.zone;

/**
 * An answer with its signatures.
 *
 * @param remakeAt when to make it anew, in milliseconds since 1970: some of its signatures have been renewed then
 */
record SignedAnswer(ZoneAnswer answer, long remakeAt) {

    /** For what is said above the budget of signatures: for the next one that asks there may be one. */
    static final long NOT_KEPT = 0;
}
