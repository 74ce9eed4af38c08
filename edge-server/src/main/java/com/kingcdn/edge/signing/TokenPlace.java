package com.kingcdn.edge.signing;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.http.HeaderFields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a request has its tokens, and the request without them.
 *
 * <p>In a URI a token stands behind a reserved character, its name and {@code =}, up to the next reserved character (RFC 9246 section
 * 3.1): as a parameter of the query, of a path segment, or as a segment of its own, which relative references keep. Else it is a cookie.
 */
final class TokenPlace {

    private final String name;
    private final List<String> inUri;
    private final List<String> inCookies;

    /**
     * For tokens of one name.
     *
     * @param inUri gets those of the URI
     * @param inCookies gets those of cookies
     */
    TokenPlace(String name, List<String> inUri, List<String> inCookies) {
        this.name = name;
        this.inUri = inUri;
        this.inCookies = inCookies;
    }

    /** Takes the tokens out. */
    CacheRequest take(CacheRequest request) {
        int before = inUri.size() + inCookies.size();
        String target = target(request.target());
        String cookies = request.fields().combined("cookie");
        HeaderFields fields = cookies == null || !cookies.contains(name) ? request.fields() : cookies(request.fields());
        return inUri.size() + inCookies.size() == before
                ? request
                : new CacheRequest(request.method(), request.scheme(), request.authority(), target, fields);
    }

    private String target(String target) {
        String rest = target;
        int at = find(rest, 0);
        while (at >= 0) {
            int start = at + name.length() + 1;
            int end = start;
            while (end < rest.length() && !isReserved(rest.charAt(end))) {
                end++;
            }
            inUri.add(rest.substring(start, end));
            rest = without(rest, at, end);
            at = find(rest, Math.max(0, at - 1));
        }
        return rest;
    }

    /** Where the name begins, or -1. */
    private int find(String target, int from) {
        int at = target.indexOf(name, from);
        while (at >= 0) {
            int end = at + name.length();
            if (at > 0 && isReserved(target.charAt(at - 1)) && end < target.length() && target.charAt(end) == '=') {
                return at;
            }
            at = target.indexOf(name, at + 1);
        }
        return -1;
    }

    /** With one of the separators around it; the first of a query stays when others follow. */
    private static String without(String target, int at, int end) {
        boolean opensQuery = target.charAt(at - 1) == '?';
        boolean more = end < target.length() && (target.charAt(end) == '&' || target.charAt(end) == ';');
        if (opensQuery && more) {
            return target.substring(0, at) + target.substring(end + 1);
        }
        boolean isPath = at == 1 && end == target.length();
        return isPath ? "/" : target.substring(0, at - 1) + target.substring(end);
    }

    /** RFC 3986 section 2.2. */
    private static boolean isReserved(char c) {
        return ":/?#[]@!$&'()*+,;=".indexOf(c) >= 0;
    }

    private HeaderFields cookies(HeaderFields fields) {
        HeaderFields.Builder changed = HeaderFields.builder();
        for (int i = 0; i < fields.size(); i++) {
            if (fields.name(i).equals("cookie")) {
                String others = cookies(fields.value(i));
                if (others != null) {
                    changed.add("cookie", others);
                }
            } else {
                changed.add(fields.name(i), fields.value(i));
            }
        }
        return changed.build();
    }

    private @Nullable String cookies(String value) {
        StringBuilder others = new StringBuilder();
        for (String pair : value.split(";")) {
            String cookie = pair.strip();
            if (cookie.startsWith(name + "=")) {
                inCookies.add(cookie.substring(name.length() + 1));
            } else if (!cookie.isEmpty()) {
                others.append(others.isEmpty() ? "" : "; ").append(cookie);
            }
        }
        return others.isEmpty() ? null : others.toString();
    }
}
