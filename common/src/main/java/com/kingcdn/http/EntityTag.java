package com.kingcdn.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An entity tag (RFC 9110 section 8.8.3). It is the field's own text, so that a cache keeps no second one of it. */
public final class EntityTag {

    private static final String WEAK = "W/";

    private final String text;

    /**
     * A tag.
     *
     * @param opaque what stands between the quotes
     * @param weak whether it starts with {@code W/}: equal meaning, not equal bytes
     */
    public EntityTag(String opaque, boolean weak) {
        this((weak ? WEAK : "") + '"' + opaque + '"');
    }

    private EntityTag(String text) {
        this.text = text;
    }

    /** Reads one tag, quoted as it must be; null for null and for anything else. */
    public static @Nullable EntityTag parse(@Nullable String text) {
        if (text == null) {
            return null;
        }
        int open = opening(text);
        int close = text.length() - 1;
        if (close <= open || text.charAt(open) != '"' || text.indexOf('"', open + 1) != close) {
            return null;
        }
        return new EntityTag(text);
    }

    private static int opening(String text) {
        return text.startsWith(WEAK) ? WEAK.length() : 0;
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
            int start = open >= at + WEAK.length() && text.startsWith(WEAK, open - WEAK.length())
                    ? open - WEAK.length()
                    : open;
            if (isBetweenTags(text, at, start)) {
                tags.add(new EntityTag(text.substring(start, close + 1)));
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

    /** Whether it starts with {@code W/}. */
    public boolean weak() {
        return text.charAt(0) == 'W';
    }

    /** The strong comparison (section 8.8.3.2): same bytes; false when either is weak. */
    public boolean matchesStrongly(EntityTag other) {
        return !weak() && text.equals(other.text);
    }

    /** The weak comparison (section 8.8.3.2): same meaning. */
    public boolean matchesWeakly(EntityTag other) {
        int open = opening(text);
        int length = text.length() - open;
        int otherOpen = opening(other.text);
        return length == other.text.length() - otherOpen && text.regionMatches(open, other.text, otherOpen, length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EntityTag that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** As it stands in a field. */
    @Override
    public String toString() {
        return text;
    }
}
