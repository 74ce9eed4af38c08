package com.kingcdn.redirector.zone;

/** A zone that we answer for. */
public record ServedZone(ZoneContent content, Kind kind) {

    /** Whose word counts in a zone. */
    public enum Kind {
        /** Ours, and edge hostnames are made in it; at most one zone is the CDN's. */
        CDN,
        /** Ours. */
        PRIMARY,
        /** Another server's, which we copy: hosts of distributions in it are what its own records say. */
        SECONDARY
    }
}
