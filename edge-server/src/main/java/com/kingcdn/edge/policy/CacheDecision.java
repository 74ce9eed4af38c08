package com.kingcdn.edge.policy;

/** What to do with a request, given what is stored. */
public sealed interface CacheDecision {

    /**
     * Answer with the stored response.
     *
     * @param use on what grounds
     * @param ageSeconds for the Age field (RFC 9111 section 4.2.3)
     * @param ttlSeconds remaining freshness, negative when stale: the {@code ttl} of Cache-Status
     */
    record Serve(Use use, long ageSeconds, long ttlSeconds) implements CacheDecision {}

    /**
     * Ask upstream whether the stored response still holds ({@link Revalidation}); a 304 freshens it, a 200 replaces it, a failure may
     * be covered by it ({@link CachePolicy#mayServeOnError}). Without validators this is a plain request.
     */
    record Revalidate(ForwardReason reason) implements CacheDecision {}

    /** Get it from upstream, together with whoever else wants it, and store it if that is allowed. */
    record Fetch(ForwardReason reason) implements CacheDecision {}

    /**
     * Forward this very request by itself. Its response is not stored, unless {@link Storability} allows it for a POST; that of a HEAD
     * may freshen what is stored ({@link Revalidation#freshenByHead}).
     */
    record Pass(ForwardReason reason) implements CacheDecision {}

    /** Answer 504: the client wants nothing but what is stored (only-if-cached). */
    record GatewayTimeout() implements CacheDecision {}

    /** On what grounds a stored response is served. */
    enum Use {
        FRESH,
        /** Stale, and to be revalidated in the background now (RFC 5861 section 3). */
        STALE_WHILE_REVALIDATE,
        /** Stale, as the client's max-stale allows. */
        STALE_ALLOWED
    }
}
