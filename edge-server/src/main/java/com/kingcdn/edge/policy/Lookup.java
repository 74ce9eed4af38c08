package com.kingcdn.edge.policy;

import org.jspecify.annotations.Nullable;

/**
 * What the store has for a request.
 *
 * @param response the selected response, or null
 * @param variantsStored whether there is any for the URI
 * @param validationRequired whether the response may not be used before upstream has confirmed it, however fresh it is: it was purged
 *     softly or invalidated, or a purge may have been missed
 */
public record Lookup(@Nullable StoredResponse response, boolean variantsStored, boolean validationRequired) {

    /** Nothing for the URI. */
    public static final Lookup URI_MISS = new Lookup(null, false, false);

    /** Something for the URI, but not for these request fields. */
    public static final Lookup VARY_MISS = new Lookup(null, true, false);

    /** A response to be used as its own freshness allows; an entry can keep this value. */
    public static Lookup found(StoredResponse response) {
        return new Lookup(response, true, false);
    }

    /** A response to be validated before it is used. */
    public static Lookup unconfirmed(StoredResponse response) {
        return new Lookup(response, true, true);
    }
}
