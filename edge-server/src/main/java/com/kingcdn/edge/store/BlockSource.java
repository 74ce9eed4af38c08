package com.kingcdn.edge.store;

/** Where a reader turns to for blocks that are in no tier and that nobody is bringing. */
@FunctionalInterface
public interface BlockSource {

    /**
     * Brings blocks: claims them ({@link CacheEntry#claim}) and starts to fill them, or finds that somebody else has meanwhile. Must
     * not block.
     *
     * @param first the block that a reader waits for
     * @param end the block after the last one it will want
     * @throws RuntimeException when they cannot be brought, which ends the reader with this failure
     */
    void bring(CacheEntry entry, int first, int end);
}
