package com.kingcdn.topology;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Header fields to change, in this order: remove, set, add. Names are kept in lower case.
 *
 * @param remove names of fields taken away
 * @param set fields with exactly this value, whatever there was
 * @param add fields with this value beside what there was
 */
public record FieldChanges(List<String> remove, Map<String, String> set, Map<String, String> add) {

    /** No change. */
    public static final FieldChanges NONE = new FieldChanges(null, null, null);

    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}");
    private static final Pattern VALUE =
            Pattern.compile("[!-~\\x80-\\xff]([\\t -~\\x80-\\xff]{0,4094}[!-~\\x80-\\xff])?");

    /** Fields that carry the message itself, or that this CDN itself gives: a change would break one or the other. */
    private static final Set<String> FIXED = Set.of(
            "age",
            "cache-status",
            "cdn-loop",
            "connection",
            "content-encoding",
            "content-length",
            "content-range",
            "date",
            "host",
            "keep-alive",
            "proxy-connection",
            "range",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "via");

    public FieldChanges(
            @Nullable List<String> remove, @Nullable Map<String, String> set, @Nullable Map<String, String> add) {
        this.remove = Identifiers.list(remove).stream().map(FieldChanges::name).toList();
        this.set = fields(set);
        this.add = fields(add);
    }

    public boolean changesNothing() {
        return remove.isEmpty() && set.isEmpty() && add.isEmpty();
    }

    private static Map<String, String> fields(@Nullable Map<String, String> given) {
        Map<String, String> fields = new LinkedHashMap<>();
        if (given != null) {
            new TreeMap<>(given).forEach((name, value) -> {
                if (fields.put(name(name), value(name, value)) != null) {
                    throw new IllegalArgumentException("field '" + name + "' stands twice");
                }
            });
        }
        return Collections.unmodifiableMap(fields);
    }

    private static String name(String name) {
        String lower = Identifiers.lower(name);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "' is not the name of a header field");
        }
        if (FIXED.contains(lower)) {
            throw new IllegalArgumentException("field '" + name + "' cannot be changed: the edge itself gives it");
        }
        return lower;
    }

    private static String value(String name, @Nullable String value) {
        if (value == null || !VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException("the value of field '" + name
                    + "' must be 1 to 4096 visible characters, with spaces between them at most");
        }
        return value;
    }
}
