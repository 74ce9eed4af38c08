package com.kingcdn.edge.policy;

import org.jspecify.annotations.Nullable;

/** What the store has for a request. */
public interface Lookup {

    /** Nothing for the URI. */
    Lookup URI_MISS = new Found(null, false, false);

    /** Something for the URI, but not for these request fields. */
    Lookup VARY_MISS = new Found(null, true, false);

    /** A response to be used as its own freshness allows. */
    static Lookup found(StoredResponse response) {
        return new Found(response, true, false);
    }

    /** A response to be validated before it is used. */
    static Lookup unconfirmed(StoredResponse response) {
        return new Found(response, true, true);
    }

    /** The selected response, or null. */
    @Nullable
    StoredResponse response();

    /** Whether there is any for the URI. */
    boolean variantsStored();

    /**
     * Whether the response may not be used before upstream has confirmed it, however fresh it is: it was purged softly or invalidated, or a
     * purge may have been missed.
     */
    boolean validationRequired();

    /** One that is made for the occasion. */
    record Found(@Nullable StoredResponse response, boolean variantsStored, boolean validationRequired)
            implements Lookup {}
}
