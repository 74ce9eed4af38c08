package com.kingcdn.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Range field of bytes (RFC 9110 section 14.2), read before the length of the representation is known.
 *
 * <p>A field that is not valid, or is of another unit, is as if absent (section 14.2). One that asks for too much is rejected with
 * 416, as section 15.5.17 provides, before its parts are looked at: more than {@link #MAX_SPECS} parts, or more than {@link
 * #MAX_PARTS} left after overlapping and touching ones are put together (section 17.15: each part costs the server more than it
 * costs the client).
 */
public final class ByteRanges {

    /** How many parts a field may list. */
    public static final int MAX_SPECS = 64;

    /** How many parts a response may have. */
    public static final int MAX_PARTS = 16;

    private static final ByteRanges ABSENT = new ByteRanges(List.of(), false);
    private static final ByteRanges TOO_MANY = new ByteRanges(List.of(), true);

    private final List<Spec> specs;
    private final boolean tooMany;

    private ByteRanges(List<Spec> specs, boolean tooMany) {
        this.specs = specs;
        this.tooMany = tooMany;
    }

    /**
     * One part as asked for.
     *
     * @param first offset of its first byte; -1 for a suffix
     * @param last offset of its last byte, {@link Long#MAX_VALUE} when left out; of a suffix, how many bytes at the end
     */
    public record Spec(long first, long last) {

        /** Whether it asks for the last bytes. */
        public boolean isSuffix() {
            return first < 0;
        }

        /** What of it lies within a representation of that length; null for nothing. */
        private @Nullable ByteRange within(long completeLength) {
            long from = isSuffix() ? Math.max(0, completeLength - last) : first;
            long to = isSuffix() ? completeLength - 1 : Math.min(last, completeLength - 1);
            return from <= to ? new ByteRange(from, to) : null;
        }
    }

    /** What a Range comes to for a representation of some length. */
    public sealed interface Selection {}

    /** No range: send the whole with 200. */
    public record Whole() implements Selection {}

    /**
     * Send these with 206, in this order.
     *
     * @param ranges one or more, apart from each other
     */
    public record Parts(List<ByteRange> ranges) implements Selection {}

    /** Send 416: no part lies within the representation, or too many were asked for. */
    public record NotSatisfiable() implements Selection {}

    private static final Selection WHOLE = new Whole();
    private static final Selection NOT_SATISFIABLE = new NotSatisfiable();

    /** Reads a Range field; never fails. */
    public static ByteRanges parse(@Nullable String field) {
        if (field == null || !field.regionMatches(true, 0, "bytes=", 0, 6)) {
            return ABSENT;
        }
        if (field.indexOf(',', 6) < 0) {
            Spec only = spec(field.substring(6).strip());
            return only == null ? ABSENT : new ByteRanges(List.of(only), false);
        }
        List<Spec> specs = new ArrayList<>();
        int at = 6;
        while (at <= field.length()) {
            int comma = field.indexOf(',', at);
            int end = comma < 0 ? field.length() : comma;
            String part = field.substring(at, end).strip();
            if (!part.isEmpty()) {
                if (specs.size() == MAX_SPECS) {
                    return TOO_MANY;
                }
                Spec spec = spec(part);
                if (spec == null) {
                    return ABSENT;
                }
                specs.add(spec);
            }
            at = end + 1;
        }
        return specs.isEmpty() ? ABSENT : new ByteRanges(List.copyOf(specs), false);
    }

    private static @Nullable Spec spec(String part) {
        int dash = part.indexOf('-');
        if (dash < 0) {
            return null;
        }
        if (dash == 0) {
            long suffix = Digits.parse(part, 1, part.length());
            return suffix == Digits.NONE ? null : new Spec(-1, suffix);
        }
        long first = Digits.parse(part, 0, dash);
        if (dash == part.length() - 1) {
            return first == Digits.NONE ? null : new Spec(first, Long.MAX_VALUE);
        }
        long last = Digits.parse(part, dash + 1, part.length());
        return first == Digits.NONE || last == Digits.NONE || last < first ? null : new Spec(first, last);
    }

    /** Whether there is a valid Range at all, be it satisfiable or not. */
    public boolean isPresent() {
        return tooMany || !specs.isEmpty();
    }

    /** Whether it lists more parts than are looked at. */
    public boolean isTooMany() {
        return tooMany;
    }

    /** The parts as asked for, in order; empty when absent or too many. */
    public List<Spec> specs() {
        return specs;
    }

    /**
     * What it comes to for a representation of this length.
     *
     * @param completeLength in bytes, from 0
     */
    public Selection select(long completeLength) {
        if (tooMany) {
            return NOT_SATISFIABLE;
        }
        if (specs.isEmpty()) {
            return WHOLE;
        }
        if (completeLength == 0 && specs.stream().anyMatch(spec -> spec.isSuffix() && spec.last() > 0)) {
            return WHOLE; // satisfiable, but there is no way to write a range of nothing
        }
        if (specs.size() == 1) {
            ByteRange only = specs.get(0).within(completeLength);
            return only == null ? NOT_SATISFIABLE : new Parts(List.of(only));
        }
        List<ByteRange> ranges = new ArrayList<>(specs.size());
        for (Spec spec : specs) {
            ByteRange range = spec.within(completeLength);
            if (range != null) {
                ranges.add(range);
            }
        }
        if (ranges.isEmpty()) {
            return NOT_SATISFIABLE;
        }
        List<ByteRange> apart = coalesce(ranges);
        return apart.size() > MAX_PARTS ? NOT_SATISFIABLE : new Parts(List.copyOf(apart));
    }

    /** Puts overlapping and touching ranges together; keeps the order asked for when there are none. */
    private static List<ByteRange> coalesce(List<ByteRange> ranges) {
        List<ByteRange> sorted = new ArrayList<>(ranges);
        sorted.sort(Comparator.comparingLong(ByteRange::first));
        List<ByteRange> merged = new ArrayList<>(sorted.size());
        ByteRange open = sorted.get(0);
        for (ByteRange next : sorted.subList(1, sorted.size())) {
            if (next.first() <= open.last() + 1) {
                open = new ByteRange(open.first(), Math.max(open.last(), next.last()));
            } else {
                merged.add(open);
                open = next;
            }
        }
        merged.add(open);
        return merged.size() == ranges.size() ? ranges : merged;
    }
}
