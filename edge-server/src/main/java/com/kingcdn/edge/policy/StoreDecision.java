package com.kingcdn.edge.policy;

import com.kingcdn.http.HeaderFields;

/** Whether a response is stored. */
public sealed interface StoreDecision {

    /**
     * Store this.
     *
     * @param response of a 206 it is the head of the whole: status 200, the complete length, no Content-Range
     * @param withheld fields that are for the one who asked, and nobody after (no-cache and private with field names, RFC 9111
     *     sections 5.2.2.4 and 5.2.2.7)
     */
    record Store(StoredResponse response, HeaderFields withheld) implements StoreDecision {}

    /** Do not store it. */
    record Refuse(NoStoreReason reason) implements StoreDecision {}
}
