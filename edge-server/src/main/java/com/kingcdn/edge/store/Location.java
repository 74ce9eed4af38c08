package com.kingcdn.edge.store;

/** A place in the log as one {@code long}: the segment's number in the upper 33 bits, the record's offset in the lower 31. */
final class Location {

    /** No place. */
    static final long NONE = -1;

    /** Segments must be shorter than this many octets. */
    static final long MAX_SEGMENT = 1L << 31;

    private Location() {}

    static long of(long segment, long offset) {
        return segment << 31 | offset;
    }

    static long segment(long location) {
        return location >>> 31;
    }

    static long offset(long location) {
        return location & (MAX_SEGMENT - 1);
    }
}
