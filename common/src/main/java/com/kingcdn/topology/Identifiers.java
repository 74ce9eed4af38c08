package com.kingcdn.topology;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules for names and lists that all records of this package share. */
final class Identifiers {

    /** One DNS label (RFC 1123 section 2.1), since a distribution's identifier is the first label of its edge hostname. */
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private static final Pattern HOST = Pattern.compile(LABEL.pattern() + "(\\." + LABEL.pattern() + ")*");

    private Identifiers() {}

    static String label(String what, @Nullable String value) {
        if (value == null || !LABEL.matcher(value).matches()) {
            throw new IllegalArgumentException(what + " '" + value
                    + "' must be 1 to 63 lower-case letters, digits and inner hyphens (it becomes a DNS label)");
        }
        return value;
    }

    static String host(@Nullable String value) {
        if (value == null || value.length() > 253 || !HOST.matcher(value).matches()) {
            throw new IllegalArgumentException("host '" + value + "' is not a lower-case host name");
        }
        return value;
    }

    static String lower(String value) {
        return value.toLowerCase(Locale.ROOT);
    }

    static <T> List<T> list(@Nullable List<T> values) {
        return values == null ? List.of() : List.copyOf(values);
    }

    static <T> void unique(String what, Collection<T> values) {
        Set<T> seen = new HashSet<>();
        for (T value : values) {
            if (!seen.add(value)) {
                throw new IllegalArgumentException(what + " '" + value + "' stands twice");
            }
        }
    }
}
