package com.kingcdn.edge.cache;

import com.kingcdn.edge.store.Blocks;
import com.kingcdn.http.ByteRange;
import com.kingcdn.http.ByteRanges;
import com.kingcdn.http.ContentRange;
import com.kingcdn.http.HeaderFields;
import org.jspecify.annotations.Nullable;

/**
 * The range asked for upstream when a client wants a part of what is not stored: the whole blocks that hold it.
 *
 * @param first offset of its first octet; -1 for a suffix
 * @param last offset of its last octet, {@link Long#MAX_VALUE} when open; of a suffix, how many octets
 */
record AlignedRange(long first, long last) {

    /** For a request's first range; null when all of the content is to be asked for. */
    static @Nullable AlignedRange of(HeaderFields request) {
        String field = request.combined("range");
        if (field == null) {
            return null;
        }
        ByteRanges ranges = ByteRanges.parse(field);
        if (ranges.specs().isEmpty()) {
            return null;
        }
        ByteRanges.Spec spec = ranges.specs().get(0);
        if (spec.isSuffix()) {
            // a block more, so that a block starts in it before what is wanted
            return spec.last() > Blocks.MAX_LENGTH ? null : new AlignedRange(-1, spec.last() + Blocks.SIZE - 1);
        }
        if (spec.first() >= Blocks.MAX_LENGTH) {
            return null;
        }
        long first = spec.first() - spec.first() % Blocks.SIZE;
        if (spec.last() >= Blocks.MAX_LENGTH) {
            return first == 0 ? null : new AlignedRange(first, Long.MAX_VALUE);
        }
        return new AlignedRange(first, (spec.last() / Blocks.SIZE + 1) * Blocks.SIZE - 1);
    }

    /** Whether a request asks for one range, whatever the version is, and for nothing else. */
    static boolean isAllOf(HeaderFields request) {
        return !request.contains("if-range")
                && ByteRanges.parse(request.combined("range")).specs().size() == 1;
    }

    /** As it stands in a Range field. */
    String field() {
        if (first < 0) {
            return "bytes=-" + last;
        }
        return last == Long.MAX_VALUE ? "bytes=" + first + "-" : "bytes=" + first + "-" + last;
    }

    /** Whether a 206 holds, by its own word, the one range that a client asks for. */
    static boolean covers(HeaderFields response, HeaderFields request) {
        ContentRange part = ContentRange.parse(response.first("content-range"));
        ByteRange held = part == null ? null : part.range();
        if (part == null || held == null || part.completeLength() == ContentRange.UNKNOWN) {
            return false;
        }
        return ByteRanges.parse(request.combined("range")).select(part.completeLength())
                        instanceof ByteRanges.Parts wanted
                && wanted.ranges().size() == 1
                && held.first() <= wanted.ranges().get(0).first()
                && held.last() >= wanted.ranges().get(0).last();
    }

    /** Whether a 206 carries what was asked for, from its beginning. */
    boolean isAnsweredBy(ContentRange part) {
        ByteRange range = part.range();
        if (range == null
                || part.completeLength() == ContentRange.UNKNOWN
                || part.completeLength() > Blocks.MAX_LENGTH) {
            return false;
        }
        if (first < 0) {
            return range.last() == part.completeLength() - 1
                    && range.first() == Math.max(0, part.completeLength() - last);
        }
        return range.first() == first && range.last() <= last;
    }
}
