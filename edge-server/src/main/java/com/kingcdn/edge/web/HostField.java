package com.kingcdn.edge.web;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The syntax of Host (RFC 9110 section 7.2), as far as names and addresses really use it. */
final class HostField {

    private static final int LONGEST = 253 + ":65535".length();

    private HostField() {}

    /** The value in lower case, or null when it is no {@code host[:port]}. */
    static @Nullable String normalise(String value) {
        if (value.isEmpty() || value.length() > LONGEST) {
            return null;
        }
        int end = value.charAt(0) == '[' ? endOfAddress(value) : endOfName(value);
        if (end <= 0 || !isPort(value, end)) {
            return null;
        }
        // returns the same string when it is in lower case already
        return value.toLowerCase(Locale.ROOT);
    }

    private static int endOfName(String value) {
        int i = 0;
        while (i < value.length() && isNameCharacter(value.charAt(i))) {
            i++;
        }
        return i;
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '-'
                || (c >= 'A' && c <= 'Z')
                || c == '_';
    }

    private static int endOfAddress(String value) {
        int i = 1;
        while (i < value.length()
                && (Character.digit(value.charAt(i), 16) >= 0 || value.charAt(i) == ':' || value.charAt(i) == '.')) {
            i++;
        }
        return i > 2 && i < value.length() && value.charAt(i) == ']' ? i + 1 : -1;
    }

    private static boolean isPort(String value, int colon) {
        if (colon == value.length()) {
            return true;
        }
        if (value.charAt(colon) != ':' || value.length() - colon > 6) {
            return false;
        }
        int port = 0;
        for (int i = colon + 1; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < '0' || c > '9') {
                return false;
            }
            port = port * 10 + (c - '0');
        }
        return port <= 65_535;
    }
}
