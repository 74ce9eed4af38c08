package com.kingcdn.edge.policy;

import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The grammar of Cache-Control and Pragma (RFC 9111 section 5.2): {@code token [ "=" ( token / quoted-string ) ]}, comma-separated. A
 * comma or an equals sign within quotes separates nothing; what fits no grammar is skipped up to the next comma.
 */
final class DirectiveList {

    private DirectiveList() {}

    /** Gives each directive's name in lower case and its value without quotes, or null. */
    static void forEach(String text, BiConsumer<String, @Nullable String> action) {
        int at = 0;
        while (at < text.length()) {
            int end = memberEnd(text, at);
            int equals = text.indexOf('=', at);
            boolean valued = equals >= 0 && equals < end;
            // white space before the equals sign makes another name, which is none that is known
            String name = text.substring(at, valued ? equals : end);
            name = (valued ? name.stripLeading() : name.strip()).toLowerCase(Locale.ROOT);
            if (!name.isEmpty()) {
                action.accept(name, valued ? unquote(text.substring(equals + 1, end)) : null);
            }
            at = end + 1;
        }
    }

    private static int memberEnd(String text, int from) {
        boolean quoted = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '\\' && quoted) {
                i++;
            } else if (c == ',' && !quoted) {
                return i;
            }
        }
        return text.length();
    }

    private static String unquote(String value) {
        String text = value.stripTrailing();
        if (text.length() < 2 || text.charAt(0) != '"' || text.charAt(text.length() - 1) != '"') {
            return text;
        }
        StringBuilder unquoted = new StringBuilder(text.length());
        for (int i = 1; i < text.length() - 1; i++) {
            if (text.charAt(i) == '\\' && i + 1 < text.length() - 1) {
                i++;
            }
            unquoted.append(text.charAt(i));
        }
        return unquoted.toString();
    }
}
