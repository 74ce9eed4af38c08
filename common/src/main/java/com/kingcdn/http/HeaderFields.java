package com.kingcdn.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The header or trailer section of a message (RFC 9110 section 6.3): field lines in order, names in lower case. Immutable.
 *
 * <p>Sections are short, so a flat array scanned from the front is both the smallest and the fastest form. Most questions are about
 * fields that are not there; a summary of the names, one bit for each, answers those without a scan.
 */
public final class HeaderFields {

    public static final HeaderFields EMPTY = new HeaderFields(new String[0], 0);

    private static final NameTable NAMES = new NameTable(512);
    private static final SharedStrings VALUES = new SharedStrings(4096);

    /** name, value, name, value … */
    private final String[] lines;

    /** The bits of all names, as {@link FieldNames#summaryOf} gives them. */
    private final long summary;

    /** As HTTP/1.1 writes it; made when it is written for the second time, since most sections are written once. */
    private volatile byte @Nullable [] encoded;

    /** Whether it was written; threads may race to be the first. */
    private boolean written;

    private HeaderFields(String[] lines, long summary) {
        this.lines = lines;
        this.summary = summary;
    }

    /**
     * From names and values in turn.
     *
     * @throws IllegalArgumentException for an odd number of strings
     */
    public static HeaderFields of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("a name without a value: " + Arrays.toString(namesAndValues));
        }
        Builder builder = builder(namesAndValues.length / 2);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            builder.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return builder.build();
    }

    public static Builder builder() {
        return new Builder(new String[24], 0, 0);
    }

    /** One that is given so many lines without having to grow, and is built without a copy if it gets exactly as many. */
    public static Builder builder(int lines) {
        return new Builder(new String[2 * lines], 0, 0);
    }

    /** How many field lines there are. */
    public int size() {
        return lines.length / 2;
    }

    /** The name of line {@code i}, in lower case. */
    public String name(int i) {
        return lines[2 * i];
    }

    /** The value of line {@code i}, without surrounding white space. */
    public String value(int i) {
        return lines[2 * i + 1];
    }

    /** The first line's value, or null; the name in lower case. */
    public @Nullable String first(String name) {
        if ((summary & FieldNames.summaryOf(name)) == 0) {
            return null;
        }
        for (int i = 0; i < lines.length; i += 2) {
            if (lines[i].equals(name)) {
                return lines[i + 1];
            }
        }
        return null;
    }

    public boolean contains(String name) {
        return first(name) != null;
    }

    /** Whether there is a line of any of these names. */
    public boolean containsAny(FieldNames names) {
        if (names.mayBeIn(summary)) {
            for (int i = 0; i < lines.length; i += 2) {
                if (names.contains(lines[i])) {
                    return true;
                }
            }
        }
        return false;
    }

    /** All lines' values in order; empty when the field is absent. */
    public List<String> all(String name) {
        if ((summary & FieldNames.summaryOf(name)) == 0) {
            return List.of();
        }
        List<String> values = new ArrayList<>(2);
        for (int i = 0; i < lines.length; i += 2) {
            if (lines[i].equals(name)) {
                values.add(lines[i + 1]);
            }
        }
        return values;
    }

    /** The combined field value (RFC 9110 section 5.2): lines joined by a comma and a space; null when absent. */
    public @Nullable String combined(String name) {
        if ((summary & FieldNames.summaryOf(name)) == 0) {
            return null;
        }
        String joined = null;
        for (int i = 0; i < lines.length; i += 2) {
            if (lines[i].equals(name)) {
                joined = joined == null ? lines[i + 1] : joined + ", " + lines[i + 1];
            }
        }
        return joined;
    }

    public void forEach(BiConsumer<String, String> action) {
        for (int i = 0; i < lines.length; i += 2) {
            action.accept(lines[i], lines[i + 1]);
        }
    }

    /** The same section for keeping: values that many sections have are in memory once. */
    public HeaderFields shared() {
        String[] kept = lines.clone();
        for (int i = 1; i < kept.length; i += 2) {
            kept[i] = VALUES.share(kept[i]);
        }
        return new HeaderFields(kept, summary);
    }

    /** How many octets {@link #encodeTo} writes. */
    public int encodedLength() {
        byte[] octets = encoded;
        if (octets != null) {
            return octets.length;
        }
        int length = 0;
        for (int i = 0; i < lines.length; i += 2) {
            length += lines[i].length() + lines[i + 1].length() + 4;
        }
        return length;
    }

    /**
     * Writes the section as HTTP/1.1 does (RFC 9112 section 5): each line with its end, without the empty line behind the last.
     *
     * @return the index after the last octet written
     */
    public int encodeTo(byte[] target, int at) {
        byte[] octets = encoded;
        if (octets == null) {
            if (!written) {
                written = true;
                return encodeLines(target, at);
            }
            octets = new byte[encodedLength()];
            encodeLines(octets, 0);
            encoded = octets;
        }
        System.arraycopy(octets, 0, target, at, octets.length);
        return at + octets.length;
    }

    private int encodeLines(byte[] target, int from) {
        int at = from;
        for (int i = 0; i < lines.length; i += 2) {
            at = encodeText(lines[i], target, at);
            target[at++] = ':';
            target[at++] = ' ';
            at = encodeText(lines[i + 1], target, at);
            target[at++] = '\r';
            target[at++] = '\n';
        }
        return at;
    }

    /** One octet for each character, as they were read; a character that has none becomes a question mark. */
    private static int encodeText(String text, byte[] target, int at) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            target[at + i] = (byte) (c > 0xff ? '?' : c);
        }
        return at + length;
    }

    /** Without the fields of these names. */
    public HeaderFields without(FieldNames names) {
        return names.mayBeIn(summary) ? without(names::contains) : this;
    }

    /** Without the fields whose (lower-case) names match; the same section if none does. */
    public HeaderFields without(Predicate<String> names) {
        for (int i = 0; i < lines.length; i += 2) {
            if (names.test(lines[i])) {
                return without(names, i);
            }
        }
        return this;
    }

    /** @param first index of the first name that matches */
    private HeaderFields without(Predicate<String> names, int first) {
        Builder kept = new Builder(new String[lines.length - 2], 0, 0);
        for (int i = 0; i < lines.length; i += 2) {
            if (i < first || (i > first && !names.test(lines[i]))) {
                kept.append(lines[i], lines[i + 1]);
            }
        }
        return kept.build();
    }

    /** With this one line in place of all lines of that name. */
    public HeaderFields with(String name, String value) {
        String lower = NAMES.lower(name);
        HeaderFields others = contains(lower) ? without(lower::equals) : this;
        String[] all = Arrays.copyOf(others.lines, others.lines.length + 2);
        all[all.length - 2] = lower;
        all[all.length - 1] = value.strip();
        return new HeaderFields(all, others.summary | FieldNames.summaryOf(lower));
    }

    /** With these lines after its own. */
    public HeaderFields plus(HeaderFields more) {
        if (lines.length == 0 || more.lines.length == 0) {
            return lines.length == 0 ? more : this;
        }
        String[] all = Arrays.copyOf(lines, lines.length + more.lines.length);
        System.arraycopy(more.lines, 0, all, lines.length, more.lines.length);
        return new HeaderFields(all, summary | more.summary);
    }

    public Builder toBuilder() {
        return new Builder(Arrays.copyOf(lines, lines.length + 8), lines.length, summary);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HeaderFields that && summary == that.summary && Arrays.equals(lines, that.lines);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(lines);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
        return text.toString();
    }

    /** Collects field lines; not for use by several threads. */
    public static final class Builder {

        /** What is full belongs to the section that was built of it, and is not changed any more. */
        private String[] lines;

        private int length;
        private long summary;

        private Builder(String[] lines, int length, long summary) {
            this.lines = lines;
            this.length = length;
            this.summary = summary;
        }

        public Builder add(String name, String value) {
            return append(NAMES.lower(name), value.strip());
        }

        private Builder append(String lower, String value) {
            if (length == lines.length) {
                lines = Arrays.copyOf(lines, 2 * length + 8);
            }
            lines[length++] = lower;
            lines[length++] = value;
            summary |= FieldNames.summaryOf(lower);
            return this;
        }

        public Builder set(String name, String value) {
            return remove(name).add(name, value);
        }

        public Builder remove(String name) {
            String lower = name.toLowerCase(Locale.ROOT);
            if ((summary & FieldNames.summaryOf(lower)) == 0) {
                return this;
            }
            String[] all = lines;
            int end = length;
            lines = new String[all.length];
            length = 0;
            summary = 0;
            for (int i = 0; i < end; i += 2) {
                if (!all[i].equals(lower)) {
                    append(all[i], all[i + 1]);
                }
            }
            return this;
        }

        public HeaderFields build() {
            if (length == 0) {
                return EMPTY;
            }
            return new HeaderFields(length == lines.length ? lines : Arrays.copyOf(lines, length), summary);
        }
    }
}
