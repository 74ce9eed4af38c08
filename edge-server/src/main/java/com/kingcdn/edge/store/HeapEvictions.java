package com.kingcdn.edge.store;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What leaves the heap: entries that do not fit, which requests find on disk from then on if the disk has them, and those that have lost
 * so many blocks that they are of no use. Safe for all threads.
 */
final class HeapEvictions {

    private final CacheStore store;
    private final EntryIndex index;
    private final HeapEntries heap;
    private final ColdEntries cold;

    /** Entries that have lost blocks and may be of no use any more. */
    private final Queue<CacheEntry> lossy = new ConcurrentLinkedQueue<>();

    HeapEvictions(CacheStore store, EntryIndex index, HeapEntries heap, ColdEntries cold) {
        this.store = store;
        this.index = index;
        this.heap = heap;
        this.cold = cold;
    }

    /** Notes that an entry has lost a block; acted upon by {@link #sweep}, since this may be called in the midst of an eviction. */
    void noteLoss(CacheEntry entry) {
        if (!entry.isDiscarded()) {
            lossy.add(entry);
        }
    }

    /** Gives up entries that do not fit, or of which too much was lost. Not to be called while holding an entry's lock. */
    void sweep() {
        for (CacheEntry entry = heap.takeCrowdedOut(); entry != null; entry = heap.takeCrowdedOut()) {
            unload(entry);
        }
        for (CacheEntry entry = lossy.poll(); entry != null; entry = lossy.poll()) {
            if (!entry.isDiscarded() && entry.isHollow()) {
                store.discard(entry);
            }
        }
    }

    /** Has the heap forget an entry; if the disk has it, it is found there. */
    void unload(CacheEntry entry) {
        // compared with all purges so far, which those on disk are only when they are read
        if (!store.isCurrent(entry) || !entry.isListed() || !entry.onDisk().isThere() || cold.isLoading()) {
            // or not to be told from an older one of the same key, of which is not known yet that the disk has it
            store.discard(entry);
            return;
        }
        boolean present;
        synchronized (cold.lock(entry.key())) {
            present = index.remove(entry);
            if (present) {
                store.disk().makeCold(entry.id());
            }
        }
        if (present) {
            entry.unloaded();
        } else {
            store.end(entry); // by now purged or replaced
        }
    }
}
