package com.kingcdn.edge.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The grammar of CDN-Cache-Control (RFC 9213 section 2.1): a dictionary of structured fields (RFC 9651 section 3.2). One error makes
 * the whole field count for nothing, as does a directive whose value is of the wrong type.
 */
final class TargetedDirectives {

    private static final Set<String> SECONDS =
            Set.of("max-age", "s-maxage", "stale-while-revalidate", "stale-if-error", "min-fresh", "max-stale");

    private final String text;
    private int at;

    private TargetedDirectives(String text) {
        this.text = text;
    }

    /** Gives each directive and its value, or null; returns false, having given none, when the field is empty or invalid. */
    static boolean forEach(String text, BiConsumer<String, @Nullable String> action) {
        try {
            // the last of two members of one name counts, in the place of the first
            Map<String, Object> members = new TargetedDirectives(text).dictionary();
            if (members.isEmpty() || !members.entrySet().stream().allMatch(TargetedDirectives::typeFits)) {
                return false;
            }
            members.forEach((name, value) -> {
                if (value instanceof Boolean flag) {
                    if (flag) {
                        action.accept(name, null);
                    }
                } else {
                    action.accept(name, String.valueOf(value));
                }
            });
            return true;
        } catch (QuotedString.Malformed | IndexOutOfBoundsException e) {
            return false;
        }
    }

    /**
     * The members of any dictionary: each a Long, Double, String, Boolean, a List of those for an inner list, or something else for the
     * other types. Null when the field is empty or invalid.
     */
    static @Nullable Map<String, Object> dictionary(String text) {
        try {
            Map<String, Object> members = new TargetedDirectives(text).dictionary();
            return members.isEmpty() ? null : members;
        } catch (QuotedString.Malformed | IndexOutOfBoundsException e) {
            return null;
        }
    }

    private static boolean typeFits(Map.Entry<String, Object> member) {
        if (SECONDS.contains(member.getKey())) {
            return member.getValue() instanceof Long;
        }
        return switch (member.getKey()) {
            case "no-cache", "private" -> member.getValue() instanceof Boolean || member.getValue() instanceof String;
            case "no-store", "public", "must-revalidate", "proxy-revalidate", "must-understand" ->
                member.getValue() instanceof Boolean;
            default -> true;
        };
    }

    private Map<String, Object> dictionary() {
        Map<String, Object> members = new LinkedHashMap<>();
        skip(" ");
        while (at < text.length()) {
            String key = key();
            Object value = true;
            if (at < text.length() && text.charAt(at) == '=') {
                at++;
                value = text.charAt(at) == '(' ? innerList() : bareItem();
            }
            parameters();
            members.put(key, value);
            skip(" \t");
            if (at < text.length()) {
                expect(',');
                skip(" \t");
                QuotedString.require(at < text.length());
            }
        }
        return members;
    }

    private String key() {
        int start = at;
        QuotedString.require(isLower(text.charAt(at)) || text.charAt(at) == '*');
        while (at < text.length()
                && (isLower(text.charAt(at)) || isDigit(text.charAt(at)) || "_-.*".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        return text.substring(start, at);
    }

    private void parameters() {
        while (at < text.length() && text.charAt(at) == ';') {
            at++;
            skip(" ");
            key();
            if (at < text.length() && text.charAt(at) == '=') {
                at++;
                bareItem();
            }
        }
    }

    private Object innerList() {
        List<Object> items = new ArrayList<>();
        expect('(');
        skip(" ");
        while (text.charAt(at) != ')') {
            items.add(bareItem());
            parameters();
            QuotedString.require(text.charAt(at) == ' ' || text.charAt(at) == ')');
            skip(" ");
        }
        at++;
        return items;
    }

    /** A Long, a Double, a String, a Boolean, or anything else for a type no directive has. */
    private Object bareItem() {
        char c = text.charAt(at);
        if (c == '-' || isDigit(c)) {
            return number();
        }
        if (c == '"') {
            return string();
        }
        if (c == '?') {
            at++;
            char bit = text.charAt(at++);
            QuotedString.require(bit == '0' || bit == '1');
            return bit == '1';
        }
        if (c == '@') {
            at++;
            QuotedString.require(number() instanceof Long);
            return Map.of();
        }
        if (c == ':') {
            int end = text.indexOf(':', at + 1);
            QuotedString.require(end > 0);
            QuotedString.require(text.substring(at + 1, end)
                    .chars()
                    .allMatch(b -> isAlpha((char) b) || isDigit((char) b) || "+/=".indexOf(b) >= 0));
            at = end + 1;
            return Map.of();
        }
        return token();
    }

    private Object number() {
        int start = at;
        if (text.charAt(at) == '-') {
            at++;
        }
        int digits = at;
        while (at < text.length() && isDigit(text.charAt(at))) {
            at++;
        }
        QuotedString.require(at > digits && at - digits <= 15);
        if (at < text.length() && text.charAt(at) == '.') {
            QuotedString.require(at - digits <= 12);
            int point = at++;
            while (at < text.length() && isDigit(text.charAt(at))) {
                at++;
            }
            QuotedString.require(at - point >= 2 && at - point <= 4);
            return Double.valueOf(text.substring(start, at));
        }
        return Long.valueOf(text.substring(start, at));
    }

    private String string() {
        StringBuilder value = new StringBuilder();
        at = QuotedString.read(text, at, value);
        return value.toString();
    }

    private Object token() {
        QuotedString.require(isAlpha(text.charAt(at)) || text.charAt(at) == '*');
        while (at < text.length()
                && (isAlpha(text.charAt(at))
                        || isDigit(text.charAt(at))
                        || "!#$%&'*+-.^_`|~:/".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        return Map.of();
    }

    private void skip(String spaces) {
        while (at < text.length() && spaces.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private void expect(char c) {
        QuotedString.require(text.charAt(at) == c);
        at++;
    }

    private static boolean isLower(char c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean isAlpha(char c) {
        return isLower(c) || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
