package com.kingcdn.http;

import org.jspecify.annotations.Nullable;

/**
 * A Content-Range field of bytes (RFC 9110 section 14.4): which part a 206 carries, or how long the representation is that a 416 has
 * no such part of.
 *
 * @param range the part; null in a 416
 * @param completeLength of the whole representation in bytes; {@link #UNKNOWN} when the sender does not know
 */
public record ContentRange(@Nullable ByteRange range, long completeLength) {

    /** The complete length {@code *}. */
    public static final long UNKNOWN = -1;

    public ContentRange {
        if (completeLength < UNKNOWN || (range == null && completeLength == UNKNOWN)) {
            throw new IllegalArgumentException("no complete length: " + completeLength);
        }
        if (range != null && completeLength != UNKNOWN && range.last() >= completeLength) {
            throw new IllegalArgumentException(range + " passes the end of " + completeLength + " bytes");
        }
    }

    /** Of a 206. */
    public static ContentRange of(ByteRange range, long completeLength) {
        return new ContentRange(range, completeLength);
    }

    /** Of a 416. */
    public static ContentRange unsatisfied(long completeLength) {
        return new ContentRange(null, completeLength);
    }

    /** Reads a field; null for null, for other units, for anything invalid and for numbers beyond those of a long. */
    public static @Nullable ContentRange parse(@Nullable String text) {
        if (text == null || !text.regionMatches(true, 0, "bytes ", 0, 6)) {
            return null;
        }
        int slash = text.indexOf('/');
        int dash = text.indexOf('-');
        if (slash < 0) {
            return null;
        }
        String length = text.substring(slash + 1);
        long complete = length.equals("*") ? UNKNOWN : Digits.parse(length, 0, length.length());
        boolean lengthGiven = complete != Digits.NONE && complete != Long.MAX_VALUE;
        if (text.startsWith("*", 6) && slash == 7) {
            return lengthGiven && complete != UNKNOWN ? unsatisfied(complete) : null;
        }
        if (!lengthGiven || dash < 0 || dash > slash) {
            return null;
        }
        long first = Digits.parse(text, 6, dash);
        long last = Digits.parse(text, dash + 1, slash);
        if (first < 0 || last < first || last == Long.MAX_VALUE || (complete != UNKNOWN && last >= complete)) {
            return null;
        }
        return of(new ByteRange(first, last), complete);
    }

    /** As it stands in the field. */
    @Override
    public String toString() {
        String length = completeLength == UNKNOWN ? "*" : Long.toString(completeLength);
        return range == null ? "bytes */" + length : "bytes " + range.first() + "-" + range.last() + "/" + length;
    }
}
