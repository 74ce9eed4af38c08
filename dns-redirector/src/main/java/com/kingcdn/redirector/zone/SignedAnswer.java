package com.kingcdn.redirector.zone;

/**
 * An answer with its signatures.
 *
 * @param remakeAt when to make it anew, in milliseconds since 1970: some of its signatures have been renewed then
 */
record SignedAnswer(ZoneAnswer answer, long remakeAt) {}
