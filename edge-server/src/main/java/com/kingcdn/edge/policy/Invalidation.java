package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an unsafe request makes void (RFC 9111 section 4.4). */
public final class Invalidation {

    private static final Set<String> SAFE_METHODS =
            Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH", "QUERY");

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

    /** Path and query of a reference, resolved; null when it is none or leads to another origin. */
    static @Nullable String sameOriginTarget(CacheRequest request, String reference) {
        try {
            URI base = URI.create(request.scheme() + "://" + request.authority() + request.target());
            URI uri = resolve(base, reference);
            String authority = uri.getRawAuthority();
            if (!request.scheme().equalsIgnoreCase(uri.getScheme())
                    || authority == null
                    || !request.authority().equals(authority.toLowerCase(Locale.ROOT))) {
                return null;
            }
            String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
        } catch (IllegalArgumentException e) {
            return null; // no URI
        }
    }

    /** RFC 3986 section 5.2, in which java.net.URI fails for references without a path. */
    private static URI resolve(URI base, String reference) {
        if (reference.isEmpty()) {
            return base;
        }
        String path = reference.startsWith("?") ? base.getRawPath() + reference : reference;
        return base.resolve(path).normalize();
    }
}
