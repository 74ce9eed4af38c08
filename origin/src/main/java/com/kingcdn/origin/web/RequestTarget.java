package com.kingcdn.origin.web;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;

/** A request target (RFC 9112 section 3.2), taken apart as it came. */
public final class RequestTarget {

    private static final Set<String> OWN = Set.of("content", "metrics", "actuator");

    private RequestTarget() {}

    /** The path, percent-encoded, without query and fragment; of the absolute form without scheme and authority. */
    static String rawPath(String target) {
        int start = 0;
        if (!target.startsWith("/")) {
            int authority = target.indexOf("://");
            start = authority < 0 ? 0 : target.indexOf('/', authority + 3);
            if (start < 0) {
                return "/";
            }
        }
        int end = start;
        while (end < target.length() && target.charAt(end) != '?' && target.charAt(end) != '#') {
            end++;
        }
        return target.substring(start, end);
    }

    /**
     * Whether the target names content, not the origin's own interface. What is no URI at all does too, since content's handler says
     * what is wrong with it.
     */
    public static boolean isContent(String target) {
        String path = rawPath(target);
        int end = path.indexOf('/', 1);
        String first = path.isEmpty() ? "" : path.substring(1, end < 0 ? path.length() : end);
        return !OWN.contains(first) || !isUri(target);
    }

    private static boolean isUri(String target) {
        try {
            return new URI(target).getRawPath() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
