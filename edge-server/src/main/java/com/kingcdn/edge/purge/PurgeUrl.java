package com.kingcdn.edge.purge;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The part of an absolute URL that stored responses are found by. Scheme, port and fragment do not matter.
 *
 * @param host in lower case, without a final dot
 * @param target path and query as a client sends them: a slash when there is no path, characters beyond ASCII and spaces
 *     percent-encoded (RFC 3986 section 2.1)
 */
record PurgeUrl(String host, String target) {

    /** Reads an absolute http or https URL; null for any other text. */
    static @Nullable PurgeUrl parse(String text) {
        String url = text.strip();
        int start =
                url.regionMatches(true, 0, "http://", 0, 7) ? 7 : url.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
        if (start < 0) {
            return null;
        }
        int end = indexOfAny(url, start, "/?#");
        String authority = url.substring(start, end);
        String host = host(authority.substring(authority.lastIndexOf('@') + 1));
        if (host.isEmpty()) {
            return null;
        }
        int fragment = url.indexOf('#', end);
        String rest = url.substring(end, fragment < 0 ? url.length() : fragment);
        return new PurgeUrl(host, encode(rest.startsWith("/") ? rest : "/" + rest));
    }

    /** The target without its query. */
    String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    private static String host(String authority) {
        int bracket = authority.lastIndexOf(']');
        int colon = authority.indexOf(':', bracket + 1);
        String host = (colon < 0 ? authority : authority.substring(0, colon)).toLowerCase(Locale.ROOT);
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    private static int indexOfAny(String text, int from, String characters) {
        for (int i = from; i < text.length(); i++) {
            if (characters.indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return text.length();
    }

    private static boolean isPlain(String target) {
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static String encode(String target) {
        if (isPlain(target)) {
            return target;
        }
        StringBuilder encoded = new StringBuilder(target.length() + 16);
        for (byte b : target.getBytes(StandardCharsets.UTF_8)) {
            if (b > ' ' && b < 0x7f) {
                encoded.append((char) b);
            } else {
                encoded.append(String.format("%%%02X", b & 0xff));
            }
        }
        return encoded.toString();
    }
}
