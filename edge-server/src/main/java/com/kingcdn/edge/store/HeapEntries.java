package com.kingcdn.edge.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.kingcdn.edge.policy.CacheKey;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All entries that requests can find, by their identity. Their metadata is on the heap, for those on disk too, so the least useful ones
 * are given up when it is too much. Safe for all threads.
 */
final class HeapEntries {

    /** The share of the memory that metadata may take. */
    private static final double SHARE_OF_MEMORY = 0.5;

    /**
     * The share of the heap that it may take, since that is where it is. Entries grow old before they are evicted, so the collector
     * needs as much room again for those that have gone: with more, it would take a good part of the time.
     */
    private static final double SHARE_OF_HEAP = 0.25;

    private final MemoryTier memory;
    private final Cache<EntryId, CacheEntry> byId;

    /** Those that do not fit. */
    private final Queue<CacheEntry> crowdedOut = new ConcurrentLinkedQueue<>();

    /**
     * None yet.
     *
     * @param memory whose limit the metadata counts into
     * @param pinned the keys whose entries are not given up
     */
    HeapEntries(MemoryTier memory, Predicate<CacheKey> pinned) {
        this.memory = memory;
        this.byId = Caffeine.newBuilder()
                .maximumWeight(mostMetadata(memory.limit(), Runtime.getRuntime().maxMemory()))
                .weigher((EntryId id, CacheEntry entry) -> pinned.test(entry.key()) ? 0 : entry.weight())
                .executor(Runnable::run)
                .removalListener(this::removed)
                .build();
    }

    /** Octets that metadata may take. */
    static long mostMetadata(long memory, long heap) {
        return (long) Math.min(memory * SHARE_OF_MEMORY, heap * SHARE_OF_HEAP);
    }

    void add(CacheEntry entry) {
        memory.metadata(entry.weight());
        byId.put(entry.id(), entry);
    }

    void remove(CacheEntry entry) {
        byId.asMap().remove(entry.id(), entry);
    }

    /** Only notes it, since this runs in the midst of an eviction. */
    private void removed(@Nullable EntryId id, @Nullable CacheEntry entry, RemovalCause cause) {
        if (entry != null && cause != RemovalCause.REPLACED) {
            memory.metadata(-entry.weight());
            if (cause.wasEvicted()) {
                crowdedOut.add(entry);
            }
        }
    }

    /** The entry of that identity, or null. It counts as a use. */
    @Nullable
    CacheEntry get(EntryId id) {
        return byId.getIfPresent(id);
    }

    /** One that does not fit and is here no more, which the caller has to see to; null for none. */
    @Nullable
    CacheEntry takeCrowdedOut() {
        return crowdedOut.poll();
    }

    /** Counts what an entry takes now that its metadata has changed. */
    void weighAgain(CacheEntry entry) {
        int[] heavier = {0};
        byId.asMap().computeIfPresent(entry.id(), (id, present) -> {
            if (present.equals(entry)) {
                heavier[0] = entry.weighAgain();
            }
            return present;
        });
        memory.metadata(heavier[0]);
    }

    /** Looks again whether these may be given up. */
    void weighAgain(CacheEntry[] entries) {
        for (CacheEntry entry : entries) {
            byId.asMap().computeIfPresent(entry.id(), (id, present) -> present);
        }
    }

    Collection<CacheEntry> all() {
        return byId.asMap().values();
    }

    /** About how many there are. */
    long size() {
        return byId.estimatedSize();
    }
}
