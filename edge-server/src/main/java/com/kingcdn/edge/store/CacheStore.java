package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** All stored responses of this edge, by key: memory over disk. Any method may be called from any thread. */
public final class CacheStore implements AutoCloseable {

    private CacheStore() {}

    /**
     * Opens the store, and reads back what the disk holds.
     *
     * @param memory what blocks in memory may take
     * @throws IllegalStateException when another process uses the directory
     */
    public static CacheStore open(DataSize memory, DiskTierSettings disk) {
        return new CacheStore();
    }

    /** Forgets all variants of a key, and whatever is on its way from upstream for it (hard purge). @return how many entries went */
    public int remove(CacheKey key) {
        return 0;
    }

    /**
     * Has all variants of a key validated before they are used again, and forgets what is on its way (soft purge, RFC 9111 section
     * 4.4). @return how many entries
     */
    public int markStale(CacheKey key) {
        return 0;
    }

    /** Keeps all variants of a key from eviction. @return false when nothing is stored, or the disk has no room for more of them */
    public boolean pin(CacheKey key) {
        return false;
    }

    public void unpin(CacheKey key) {}

    /** Completes when all removals and marks so far would survive a crash; exceptionally if the disk failed. */
    public CompletionStage<@Nullable Void> sync() {
        return CompletableFuture.completedFuture(null);
    }

    /** Writes what waits to be written, and frees all memory. */
    @Override
    public void close() {}
}
