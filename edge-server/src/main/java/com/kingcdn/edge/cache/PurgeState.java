package com.kingcdn.edge.cache;

/** What is known about purges this edge may have missed. */
@FunctionalInterface
public interface PurgeState {

    /**
     * Whether a stored response may be served without asking, as far as purges go.
     *
     * @param validatedAtMillis when the request was sent that brought the response, or last validated it
     */
    boolean covers(long validatedAtMillis, long nowMillis);
}
