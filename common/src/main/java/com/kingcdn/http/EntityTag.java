package com.kingcdn.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entity tag (RFC 9110 section 8.8.3).
 *
 * @param opaque what stands between the quotes
 * @param weak whether it starts with {@code W/}: equal meaning, not equal bytes
 */
public record EntityTag(String opaque, boolean weak) {

    /** Reads one tag, quoted as it must be; null for null and for anything else. */
    public static @Nullable EntityTag parse(@Nullable String text) {
        if (text == null) {
            return null;
        }
        boolean weak = text.startsWith("W/");
        int open = weak ? 2 : 0;
        int close = text.length() - 1;
        if (close <= open || text.charAt(open) != '"' || text.indexOf('"', open + 1) != close) {
            return null;
        }
        return new EntityTag(text.substring(open + 1, close), weak);
    }

    /** Reads a list of tags, as of If-None-Match; a tag may hold commas. What is no tag is left out. */
    public static List<EntityTag> parseList(String text) {
        List<EntityTag> tags = new ArrayList<>(2);
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf('"', at);
            int close = open < 0 ? -1 : text.indexOf('"', open + 1);
            if (close < 0) {
                break;
            }
            boolean weak = open >= at + 2 && text.charAt(open - 1) == '/' && text.charAt(open - 2) == 'W';
            if (isBetweenTags(text, at, weak ? open - 2 : open)) {
                tags.add(new EntityTag(text.substring(open + 1, close), weak));
            }
            at = close + 1;
        }
        return tags;
    }

    private static boolean isBetweenTags(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c != ',' && c != ' ' && c != '\t') {
                return false;
            }
        }
        return true;
    }

    /** The strong comparison (section 8.8.3.2): same bytes; false when either is weak. */
    public boolean matchesStrongly(EntityTag other) {
        return !weak && !other.weak && opaque.equals(other.opaque);
    }

    /** The weak comparison (section 8.8.3.2): same meaning. */
    public boolean matchesWeakly(EntityTag other) {
        return opaque.equals(other.opaque);
    }

    /** As it stands in a field. */
    @Override
    public String toString() {
        return (weak ? "W/\"" : "\"") + opaque + '"';
    }
}
