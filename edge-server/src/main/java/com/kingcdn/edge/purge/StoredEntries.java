package com.kingcdn.edge.purge;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.store.PurgeScope;
import java.util.concurrent.CompletionStage;

/** The stored responses, as purges see them. */
public interface StoredEntries {

    /**
     * Forgets all variants of a key, at once: what is being fetched for it now is not stored either.
     *
     * @return how many there were
     */
    int remove(CacheKey key);

    /**
     * Marks all variants of a key stale, at once: each is validated before it is used again.
     *
     * @return how many there were
     */
    int markStale(CacheKey key);

    /** Forgets all entries of a scope, at once and without counting them. */
    void remove(PurgeScope scope);

    /** Marks all entries of a scope stale, at once and without counting them. */
    void markStale(PurgeScope scope);

    /** Completes when all removals and marks before survive a crash; exceptionally if that failed. */
    CompletionStage<?> sync();
}
