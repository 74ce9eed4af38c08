package com.kingcdn.edge.web;

import org.jspecify.annotations.Nullable;

/**
 * A request target that may be served (RFC 9112 section 3.2): in origin form, printable ASCII, percent-encoded as RFC 3986 has it, and
 * with a path that names the same thing to every parser behind us.
 *
 * @param authority from the absolute form, in lower case; else null
 * @param pathAndQuery starts with a slash
 */
record RequestTarget(@Nullable String authority, String pathAndQuery) {

    /** Reads a target, or null when it is none of ours. */
    static @Nullable RequestTarget parse(String target) {
        if (target.startsWith("/")) {
            return isClean(target) ? new RequestTarget(null, target) : null;
        }
        int start = target.regionMatches(true, 0, "http://", 0, 7)
                ? 7
                : target.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
        if (start < 0) {
            return null;
        }
        int end = start;
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
            end++;
        }
        String authority = HostField.normalise(target.substring(start, end));
        String rest = target.substring(end);
        String pathAndQuery = rest.startsWith("/") ? rest : "/" + rest;
        return authority != null && isClean(pathAndQuery) ? new RequestTarget(authority, pathAndQuery) : null;
    }

    /** One pass over the characters, since every request comes through here. */
    private static boolean isClean(String target) {
        boolean inPath = true;
        boolean suspicious = false;
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#') {
                return false;
            }
            if (c == '?') {
                inPath = false;
            } else if (inPath && (c == '%' || c == '.' || c == '\\')) {
                suspicious = true;
            }
        }
        return !suspicious || hasCleanPath(target);
    }

    /** No malformed or NUL percent-encoding, and no dot segment, whichever way it and its slashes are written. */
    private static boolean hasCleanPath(String target) {
        int dots = 0;
        int others = 0;
        for (int i = 0; i < target.length() && target.charAt(i) != '?'; i++) {
            int c = target.charAt(i);
            if (c == '%') {
                c = decode(target, i);
                i += 2;
                if (c <= 0) {
                    return false;
                }
            }
            if (c == '/' || c == '\\') {
                if (isDotSegment(dots, others)) {
                    return false;
                }
                dots = 0;
                others = 0;
            } else if (c == '.') {
                dots++;
            } else {
                others++;
            }
        }
        return !isDotSegment(dots, others);
    }

    private static boolean isDotSegment(int dots, int others) {
        return others == 0 && (dots == 1 || dots == 2);
    }

    /** The octet that {@code %xx} at i stands for, or -1. */
    private static int decode(String target, int i) {
        if (i + 2 >= target.length()) {
            return -1;
        }
        int high = Character.digit(target.charAt(i + 1), 16);
        int low = Character.digit(target.charAt(i + 2), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
}
