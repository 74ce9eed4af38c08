package com.kingcdn.http;

import java.nio.charset.StandardCharsets;
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
 * <p>Sections are short, so a flat array scanned from the front is both the smallest and the fastest form.
 */
public final class HeaderFields {

    public static final HeaderFields EMPTY = new HeaderFields(new String[0]);

    private static final SharedStrings NAMES = new SharedStrings(512);
    private static final SharedStrings VALUES = new SharedStrings(4096);

    /** name, value, name, value … */
    private final String[] lines;

    /** As HTTP/1.1 writes it; made when it is first asked for. Racing threads make the same one. */
    private volatile byte @Nullable [] encoded;

    private HeaderFields(String[] lines) {
        this.lines = lines;
    }

    /**
     * From names and values in turn.
     *
     * @throws IllegalArgumentException for an odd number of strings
     */
    public static HeaderFields of(String... namesAndValues) {
        Builder builder = builder();
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("a name without a value: " + Arrays.toString(namesAndValues));
        }
        for (int i = 0; i < namesAndValues.length; i += 2) {
            builder.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return builder.build();
    }

    public static Builder builder() {
        return new Builder();
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

    /** All lines' values in order; empty when the field is absent. */
    public List<String> all(String name) {
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
        return new HeaderFields(kept);
    }

    /** How many octets {@link #encodeTo} writes. */
    public int encodedLength() {
        return encoded().length;
    }

    /**
     * Writes the section as HTTP/1.1 does (RFC 9112 section 5): each line with its end, without the empty line behind the last.
     *
     * @return the index after the last octet written
     */
    public int encodeTo(byte[] target, int at) {
        byte[] octets = encoded();
        System.arraycopy(octets, 0, target, at, octets.length);
        return at + octets.length;
    }

    private byte[] encoded() {
        byte[] octets = encoded;
        if (octets == null) {
            StringBuilder text = new StringBuilder(lines.length * 16);
            forEach((name, value) ->
                    text.append(name).append(": ").append(value).append("\r\n"));
            octets = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            encoded = octets;
        }
        return octets;
    }

    /** Without the fields whose (lower-case) names match. */
    public HeaderFields without(Predicate<String> names) {
        Builder kept = builder();
        for (int i = 0; i < lines.length; i += 2) {
            if (!names.test(lines[i])) {
                kept.add(lines[i], lines[i + 1]);
            }
        }
        return kept.build();
    }

    /** With this one line in place of all lines of that name. */
    public HeaderFields with(String name, String value) {
        return toBuilder().set(name, value).build();
    }

    public Builder toBuilder() {
        Builder copy = new Builder();
        copy.lines.addAll(Arrays.asList(lines));
        return copy;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HeaderFields that && Arrays.equals(lines, that.lines);
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

        private final ArrayList<String> lines = new ArrayList<>(24);

        private Builder() {}

        public Builder add(String name, String value) {
            lines.add(NAMES.share(name.toLowerCase(Locale.ROOT)));
            lines.add(value.strip());
            return this;
        }

        public Builder set(String name, String value) {
            return remove(name).add(name, value);
        }

        public Builder remove(String name) {
            String lower = name.toLowerCase(Locale.ROOT);
            for (int i = lines.size() - 2; i >= 0; i -= 2) {
                if (lines.get(i).equals(lower)) {
                    lines.remove(i + 1);
                    lines.remove(i);
                }
            }
            return this;
        }

        public HeaderFields build() {
            return lines.isEmpty() ? EMPTY : new HeaderFields(lines.toArray(String[]::new));
        }
    }
}
