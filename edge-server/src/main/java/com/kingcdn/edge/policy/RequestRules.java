package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.DeliverySettings;
import com.kingcdn.topology.DeliverySettings.Cookies;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.FieldChanges;
import com.kingcdn.topology.RequestDirectives;

/**
 * What a distribution changes of its clients' requests, pure.
 *
 * <p>What is taken away is taken away before caching sees the request: a field that the origin does not get can select no variant, and
 * a cached response cannot depend on what is not in its key. What is given to the origin comes last, since it is the edge's own: an
 * Authorization of the edge does not make a response private to a client.
 */
public final class RequestRules {

    private RequestRules() {}

    /** The request as caching sees it; the same one when nothing changes. */
    public static CacheRequest apply(Distribution distribution, CacheRequest request) {
        if (hasNone(distribution)) {
            return request;
        }
        String target = QueryRules.apply(distribution.query(), request.target());
        HeaderFields fields = request.fields();
        for (int i = 0; i < fields.size(); i++) {
            if (isTaken(distribution, fields.name(i))) {
                fields = fields.without(name -> isTaken(distribution, name));
                break;
            }
        }
        return target.equals(request.target()) && fields.equals(request.fields())
                ? request
                : new CacheRequest(request.method(), request.scheme(), request.authority(), target, fields);
    }

    private static boolean hasNone(Distribution distribution) {
        return distribution.query() == null
                && distribution.headers() == null
                && distribution.delivery() == null
                && distribution.cache() == null;
    }

    private static boolean isTaken(Distribution distribution, String name) {
        if (distribution.headers() != null) {
            FieldChanges changes = distribution.headers().toOrigin();
            if (changes.remove().contains(name) || changes.set().containsKey(name)) {
                return true;
            }
        }
        return switch (name) {
            case "cookie" -> cookies(distribution) == Cookies.STRIP;
            case "cache-control", "pragma" ->
                distribution.cache() != null && distribution.cache().requestDirectives() == RequestDirectives.IGNORE;
            default -> false;
        };
    }

    /** What the origin is given beside the client's fields. */
    public static HeaderFields towardsOrigin(Distribution distribution, HeaderFields fields) {
        if (distribution.headers() == null || distribution.headers().toOrigin().changesNothing()) {
            return fields;
        }
        HeaderFields.Builder given = fields.toBuilder();
        distribution.headers().toOrigin().set().forEach(given::set);
        distribution.headers().toOrigin().add().forEach((name, value) -> {
            // an edge before this one may have given it
            if (!fields.all(name).contains(value)) {
                given.add(name, value);
            }
        });
        return given.build();
    }

    /** Whether a request has no part in caching: it brings a cookie, and the distribution says that this makes it one person's. */
    public static boolean bypasses(Distribution distribution, CacheRequest request) {
        return cookies(distribution) == Cookies.PASS && request.fields().contains("cookie");
    }

    static Cookies cookies(Distribution distribution) {
        DeliverySettings delivery = distribution.delivery();
        return delivery == null ? Cookies.KEEP : delivery.cookies();
    }
}
