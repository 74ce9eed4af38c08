package com.kingcdn.edge.cache;

import com.kingcdn.edge.policy.Lookup;
import com.kingcdn.edge.store.CacheEntry;

/** What is known about purges this edge may have missed. */
@FunctionalInterface
public interface PurgeState {

    /**
     * Whether a stored response may be served without asking, as far as purges go.
     *
     * @param validatedAtMillis when the request was sent that brought the response, or last validated it
     */
    boolean covers(long validatedAtMillis, long nowMillis);

    /** Whether this edge has applied the numbered log up to an event. */
    default boolean hasApplied(long sequence) {
        return true;
    }

    /**
     * An entry as a request finds it: to be confirmed by upstream first, if a purge of it may have been missed.
     *
     * @param sequence the event up to which the one who asks has applied the log
     */
    default Lookup lookup(CacheEntry entry, long sequence, long nowMillis) {
        return covers(entry.response().requestTimeMillis(), nowMillis) && hasApplied(sequence)
                ? entry.lookup()
                : Lookup.unconfirmed(entry.response());
    }
}
