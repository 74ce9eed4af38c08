package com.kingcdn.http;

/**
 * A run of bytes of a representation, both ends included (RFC 9110 section 14.1.2).
 *
 * @param first offset of the first byte, from 0
 * @param last offset of the last byte, not below first
 */
public record ByteRange(long first, long last) {

    public ByteRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("no byte range: " + first + "-" + last);
        }
    }

    /** How many bytes, at least 1. */
    public long length() {
        return last - first + 1;
    }
}
