package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import java.util.function.Consumer;

/**
 * Purges of single keys, which are carried out at once: on what can be found, on what only the disk knows, and on what is on its way
 * from upstream. Those of scopes are {@link Purges}. Safe for all threads.
 */
final class KeyPurges {

    private final EntryIndex index;
    private final ColdEntries cold;
    private final QueryVariances variances;
    private final Admissions admissions;
    private final Consumer<CacheEntry> end;

    /** Of what these hold; an entry that has been taken out of the index is given to the last of them. */
    KeyPurges(
            EntryIndex index,
            ColdEntries cold,
            QueryVariances variances,
            Admissions admissions,
            Consumer<CacheEntry> end) {
        this.index = index;
        this.cold = cold;
        this.variances = variances;
        this.admissions = admissions;
        this.end = end;
    }

    /** See {@link CacheStore#remove(CacheKey)}. */
    int remove(CacheKey exact) {
        // in this order: the exact key is noted before it is asked what is canonical, which may be learnt meanwhile
        int removed = removeOne(exact);
        CacheKey key = variances.canonical(exact);
        return key.equals(exact) ? removed : removed + removeOne(key);
    }

    private int removeOne(CacheKey key) {
        admissions.revoke(key);
        CacheEntry[] removed;
        int unread;
        synchronized (cold.lock(key)) {
            unread = cold.remove(key);
            removed = index.remove(key);
        }
        for (CacheEntry entry : removed) {
            end.accept(entry);
        }
        return removed.length + unread;
    }

    /** See {@link CacheStore#markStale(CacheKey)}. */
    int markStale(CacheKey exact) {
        int marked = markOneStale(exact);
        CacheKey key = variances.canonical(exact);
        return key.equals(exact) ? marked : marked + markOneStale(key);
    }

    private int markOneStale(CacheKey key) {
        admissions.revoke(key);
        synchronized (cold.lock(key)) {
            int unread = cold.markStale(key);
            CacheEntry[] variants = index.variants(key);
            for (CacheEntry entry : variants) {
                entry.markStale(); // before any of them leaves the heap
            }
            return variants.length + unread;
        }
    }
}
