package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What an unsafe request makes void (RFC 9111 section 4.4). */
public final class Invalidation {

    private static final Set<String> SAFE_METHODS =
            Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH", "QUERY");

    /** What stands before a reference's first colon, if that is not behind a slash. */
    private static final Pattern SCHEME = Pattern.compile("([^/?#:]*):");

    private Invalidation() {}

    /** Whether a response to a request of this method invalidates: the method is not known to be safe, the response is no error. */
    public static boolean invalidates(String method, int status) {
        return !SAFE_METHODS.contains(method) && status >= 200 && status < 400;
    }

    /** The targets to invalidate: that of the request, and those of Location and Content-Location on the same origin. */
    public static Set<String> targets(CacheRequest request, HeaderFields fields) {
        Set<String> targets = new LinkedHashSet<>();
        targets.add(request.target());
        for (String name : new String[] {"location", "content-location"}) {
            String reference = fields.first(name);
            String target = reference == null ? null : sameOriginTarget(request, reference);
            if (target != null) {
                targets.add(target);
            }
        }
        return targets;
    }

    /**
     * Path and query of a reference, resolved (RFC 3986 section 5.2); null when it is none or leads to another origin. Characters that only
     * have no place in a URI by the letter are taken as they are, as in requests.
     */
    static @Nullable String sameOriginTarget(CacheRequest request, String reference) {
        int fragment = reference.indexOf('#');
        String rest = fragment < 0 ? reference : reference.substring(0, fragment);
        Matcher scheme = SCHEME.matcher(rest);
        if (!isClean(rest)) {
            return null;
        }
        if (scheme.lookingAt()) {
            rest = rest.substring(scheme.end());
            if (!request.scheme().equalsIgnoreCase(scheme.group(1)) || !rest.startsWith("//")) {
                return null;
            }
        }
        if (rest.startsWith("//")) {
            int end = 2;
            while (end < rest.length() && rest.charAt(end) != '/' && rest.charAt(end) != '?') {
                end++;
            }
            boolean here = request.authority().equals(rest.substring(2, end).toLowerCase(Locale.ROOT));
            return here ? withoutDots(rest.substring(end)) : null;
        }
        String base = path(request.target());
        if (rest.isEmpty()) {
            return request.target();
        }
        if (rest.startsWith("?")) {
            return base + rest;
        }
        return withoutDots(rest.startsWith("/") ? rest : base.substring(0, base.lastIndexOf('/') + 1) + rest);
    }

    /** Whether it is printable ASCII, with each percent sign before two digits. */
    private static boolean isClean(String reference) {
        for (int i = 0; i < reference.length(); i++) {
            char c = reference.charAt(i);
            boolean digits = i + 2 < reference.length()
                    && HexFormat.isHexDigit(reference.charAt(i + 1))
                    && HexFormat.isHexDigit(reference.charAt(i + 2));
            if (c <= ' ' || c >= 0x7f || (c == '%' && !digits)) {
                return false;
            }
        }
        return true;
    }

    private static String path(String target) {
        int question = target.indexOf('?');
        return question < 0 ? target : target.substring(0, question);
    }

    /** RFC 3986 section 5.2.4. */
    private static String withoutDots(String target) {
        String path = path(target);
        Deque<String> kept = new ArrayDeque<>();
        String last = "";
        for (String segment : path.split("/", -1)) {
            last = segment;
            if (segment.equals("..")) {
                kept.pollLast();
            } else if (!segment.equals(".")) {
                kept.addLast(segment);
            }
        }
        if (last.equals(".") || last.equals("..")) {
            kept.addLast("");
        }
        String clean = String.join("/", kept);
        return (clean.startsWith("/") ? clean : "/" + clean) + target.substring(path.length());
    }
}
