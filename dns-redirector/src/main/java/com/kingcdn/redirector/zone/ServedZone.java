package com.kingcdn.redirector.zone;

import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;

/**
 * A zone that we answer for.
 *
 * @param content null when we should answer for it and have nothing to: a copy that has not come yet, or has expired
 */
public record ServedZone(Name origin, @Nullable ZoneContent content, Kind kind) {

    /** Whose word counts in a zone. */
    public enum Kind {
        /** Ours, and edge hostnames are made in it; at most one zone is the CDN's. */
        CDN,
        /** Ours. */
        PRIMARY,
        /** Another server's, which we copy: hosts of distributions in it are what its own records say. */
        SECONDARY
    }

    public ServedZone(ZoneContent content, Kind kind) {
        this(content.origin(), content, kind);
    }

    /** One of another server's of which we have no copy. */
    public static ServedZone absent(Name origin) {
        return new ServedZone(origin, null, Kind.SECONDARY);
    }
}
