package com.kingcdn.edge.web;

import com.kingcdn.edge.policy.CacheRequest;
import com.kingcdn.http.HeaderFields;
import org.jspecify.annotations.Nullable;

/** What {@link RequestGate} says to a request. */
sealed interface Passage {

    /**
     * It may go on.
     *
     * @param request as the cache and the origin are to see it
     * @param release to be run once, when the response is over
     * @param fields what the response gets beside its own
     */
    record Open(CacheRequest request, Runnable release, HeaderFields fields) implements Passage {

        Open(CacheRequest request, Runnable release) {
            this(request, release, HeaderFields.EMPTY);
        }
    }

    /**
     * It may not.
     *
     * @param request without its token, as the log may have it
     * @param reason a word for the log, more exact than the refusal; null when there is none
     * @param retryAfterSeconds when it is worth another try (RFC 9110 section 10.2.3); 0 for never
     */
    record Closed(CacheRequest request, Refusal refusal, @Nullable String reason, int retryAfterSeconds)
            implements Passage {}
}
