package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The grammar of Cache-Groups and Cache-Group-Invalidation (RFC 9875): a list of strings (RFC 9651), whose parameters mean nothing. */
public final class CacheGroups {

    private final String text;
    private int at;

    private CacheGroups(String text) {
        this.text = text;
    }

    /** The groups that a response to an unsafe request invalidates (RFC 9875 section 3); none when the field is absent or malformed. */
    public static List<String> invalidatedBy(HeaderFields fields) {
        return parse(fields.combined("cache-group-invalidation"));
    }

    /** The strings of a field's combined value; empty for null and for what is no list of strings, of which nothing counts. */
    static List<String> parse(@Nullable String value) {
        if (value == null) {
            return List.of();
        }
        try {
            return List.copyOf(new CacheGroups(value).list());
        } catch (QuotedString.Malformed e) {
            return List.of();
        }
    }

    private List<String> list() {
        List<String> groups = new ArrayList<>(4);
        skipSpace();
        while (at < text.length()) {
            groups.add(string());
            skipParameters();
            if (at < text.length()) {
                at++; // the comma
                skipSpace();
                QuotedString.require(at < text.length());
            }
        }
        return groups;
    }

    private String string() {
        StringBuilder value = new StringBuilder();
        at = QuotedString.read(text, at, value);
        return value.toString();
    }

    /** Up to the next comma that is not within a string. */
    private void skipParameters() {
        skipSpace();
        QuotedString.require(at == text.length() || text.charAt(at) == ';' || text.charAt(at) == ',');
        while (at < text.length() && text.charAt(at) != ',') {
            if (text.charAt(at) == '"') {
                string();
            } else {
                at++;
            }
        }
    }

    private void skipSpace() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
    }
}
