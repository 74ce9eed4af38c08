package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;

/**
 * A client's request as caching sees it.
 *
 * @param method as sent; methods are case-sensitive
 * @param scheme {@code http} or {@code https}
 * @param authority host and optional port, in lower case
 * @param target path and query, starting with a slash
 * @param fields the request's header fields
 */
public record CacheRequest(String method, String scheme, String authority, String target, HeaderFields fields) {

    /** The same request, come in another way. */
    public CacheRequest withScheme(String other) {
        return scheme.equals(other) ? this : new CacheRequest(method, other, authority, target, fields);
    }

    public boolean isGet() {
        return "GET".equals(method);
    }

    public boolean isHead() {
        return "HEAD".equals(method);
    }

    /** The authority without its port. */
    public String host() {
        return host(authority);
    }

    /** An authority without its port. */
    public static String host(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
    }
}
