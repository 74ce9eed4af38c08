package com.kingcdn.edge.policy;

/** Whether a response is stored. */
public sealed interface StoreDecision {

    /** Store this. Of a 206 it is the head of the whole: status 200, the complete length, no Content-Range. */
    record Store(StoredResponse response) implements StoreDecision {}

    /** Do not store it. */
    record Refuse(NoStoreReason reason) implements StoreDecision {}
}
