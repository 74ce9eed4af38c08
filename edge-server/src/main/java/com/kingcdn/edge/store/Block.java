package com.kingcdn.edge.store;

import com.github.benmanes.caffeine.cache.Cache;
import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import org.jspecify.annotations.Nullable;

/**
 * One block of an entry in memory, complete or still growing. The entry's table holds one reference to its memory, everybody who reads
 * or writes it another.
 */
final class Block {

    private final CacheEntry entry;
    private final int index;
    private final ByteBuf memory;
    private final int hash;

    private volatile int filled;

    /** Whether the memory tier counts it and will evict it; guarded by the entry. */
    private boolean resident;

    private volatile @Nullable Cache<Block, Block> home;

    /** A block of which this many octets from its start are there. */
    Block(CacheEntry entry, int index, ByteBuf memory, int filled) {
        this.entry = entry;
        this.index = index;
        this.memory = memory;
        this.filled = filled;
        // of the key, not of the object: how often a block was asked for outlives its eviction
        this.hash = entry.key().hashCode() * 31 + index;
    }

    CacheEntry entry() {
        return entry;
    }

    int index() {
        return index;
    }

    ByteBuf memory() {
        return memory;
    }

    /** Octets it takes, whether filled or not. */
    int capacity() {
        return memory.capacity();
    }

    /** How many octets from its start may be read. */
    int filled() {
        return filled;
    }

    void filledTo(int octets) {
        filled = octets;
    }

    /** Which cache of the memory tier it is in, or was; null before it was in any. */
    @Nullable
    Cache<Block, Block> home() {
        return home;
    }

    void home(Cache<Block, Block> value) {
        home = value;
    }

    boolean isResident() {
        return resident;
    }

    void resident(boolean value) {
        resident = value;
    }

    /** Takes a reference to the memory; false if it is gone, which is a miss. */
    boolean tryRetain() {
        try {
            memory.retain();
            return true;
        } catch (IllegalReferenceCountException gone) {
            return false;
        }
    }

    void release() {
        memory.release();
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
