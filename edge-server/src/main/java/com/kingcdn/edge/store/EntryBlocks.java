package com.kingcdn.edge.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of one entry: those in memory, and their way into the tiers and out again.
 *
 * <p>A complete block in the table is either resident, which the memory tier counts and may evict, or a stray, which stays only as long
 * as a reader is near: what a writer has brought ahead of its reader must not be lost to an eviction in between.
 */
final class EntryBlocks extends BlockMap {

    /** Content of unknown length is stored up to this share of the memory. */
    private static final int LONGEST_UNKNOWN_DIVISOR = 8;

    /*
     * Locking: what is marked so is guarded by the entry, as are its readers. While holding that lock, nothing of the memory tier is
     * called, since its evictions lock entries.
     */
    private final CacheEntry entry;
    private final CacheStore store;

    private volatile boolean used;

    /** Whether there may be strays; guarded by the entry. */
    private boolean strays;

    EntryBlocks(CacheEntry entry, CacheStore store) {
        this.entry = entry;
        this.store = store;
    }

    private MemoryTier memory() {
        return store.memory();
    }

    private EntryOnDisk onDisk() {
        return entry.onDisk();
    }

    // ------------------------------------------------------------------------------------------------- what is there

    /** Whether a block is complete, in memory or on disk. */
    boolean isPresent(int index) {
        Block block = get(index);
        return block != null ? block.filled() == entry.blockCapacity(index) : onDisk().isReadable(index);
    }

    /** Whether the octet at an offset within a block can be read from memory. */
    boolean has(int index, int offset) {
        Block block = get(index);
        return block != null && block.filled() > offset;
    }

    /** Whether this very block is the one in the table. */
    boolean holds(Block block) {
        Block held = get(block.index());
        return held != null && held.equals(block);
    }

    /** A block to be read from, retained; null when it is not in memory. */
    @Nullable
    Block acquire(int index) {
        Block block = get(index);
        if (block == null || !block.tryRetain()) {
            return null;
        }
        if (block.filled() == block.capacity()) {
            used = true;
            memory().touch(block);
            StoreMetrics.BLOCKS_FROM_MEMORY.inc();
        } else {
            StoreMetrics.BLOCKS_FROM_UPSTREAM.inc();
        }
        return block;
    }

    /**
     * These octets, if all of their blocks are complete and in memory; null when they are not.
     *
     * @param use whether this is a use of what was kept, rather than of what was just brought
     * @return retained for the caller; it shares the blocks' memory
     */
    @Nullable
    ByteBuf content(long from, long end, boolean use) {
        if (from >= end) {
            return Unpooled.EMPTY_BUFFER;
        }
        int first = Blocks.at(from);
        int last = Blocks.at(end - 1);
        if (first == last) {
            return part(first, from, end, use);
        }
        ByteBuf[] parts = new ByteBuf[last - first + 1];
        for (int index = first; index <= last; index++) {
            ByteBuf part = part(index, from, end, use);
            if (part == null) {
                for (int taken = 0; taken < index - first; taken++) {
                    parts[taken].release();
                }
                return null;
            }
            parts[index - first] = part;
        }
        return Unpooled.wrappedUnmodifiableBuffer(parts);
    }

    /** What of these octets is in one block. */
    private @Nullable ByteBuf part(int index, long from, long end, boolean use) {
        Block block = get(index);
        if (block == null || block.filled() != entry.blockCapacity(index) || !block.tryRetain()) {
            return null;
        }
        if (use) {
            used = true;
            memory().touch(block);
            StoreMetrics.BLOCKS_FROM_MEMORY.inc();
        } else {
            StoreMetrics.BLOCKS_FROM_UPSTREAM.inc();
        }
        long start = Blocks.start(index);
        int offset = (int) Math.max(0, from - start);
        return block.memory().slice(offset, (int) Math.min(block.filled(), end - start) - offset);
    }

    /** Whether they were of use since this was last asked. */
    boolean takeUsed() {
        boolean was = used;
        used = false;
        return was;
    }

    // ----------------------------------------------------------------------------------------------------- upstream

    /** A new block for a writer, who gets a reference beside the table's. */
    Block add(int index, int capacity) {
        Block block = new Block(entry, index, memory().allocate(capacity), 0);
        block.tryRetain();
        hold(block);
        return block;
    }

    /** The whole content, which is one block at most, of an entry that nobody can find yet. */
    void bring(ByteBuf content) {
        int size = content.readableBytes();
        Block block = new Block(entry, 0, memory().allocate(size), 0);
        block.memory().setBytes(0, content, content.readerIndex(), size);
        block.filledTo(size);
        hold(block);
        keepForReaders(block);
    }

    private void hold(Block block) {
        Block replaced = put(block);
        if (replaced != null) {
            replaced.release();
        }
    }

    void drop(Block block) {
        if (remove(block)) {
            block.release();
        }
    }

    /** A writer has filled a block: keep it, if this is an entry to keep. */
    void completed(Block block) {
        completed(block, false);
    }

    /** @param offered whether the disk has been offered it already */
    private void completed(Block block, boolean offered) {
        boolean endless = entry.length() == CacheEntry.UNKNOWN_LENGTH;
        if (!endless && entry.isListed() && !entry.isDiscarded()) {
            if (!offered) {
                onDisk().offer(block);
            }
            admit(block);
            return;
        }
        if (endless && Blocks.start(block.index()) > memory().limit() / LONGEST_UNKNOWN_DIVISOR) {
            store.discard(entry); // perhaps there is no end: not to be kept whole
        }
        keepForReaders(block);
    }

    /** Content of unknown length has ended, in this block if it is not at a block's edge; a writer's reference is released. */
    void endIn(@Nullable Block last) {
        if (last != null) {
            int size = last.filled();
            Block trimmed = new Block(entry, last.index(), memory().allocate(size), size);
            trimmed.memory().setBytes(0, last.memory(), 0, size);
            hold(trimmed);
            synchronized (entry) {
                strays = true; // if this is no entry to keep
            }
            last.release();
        }
    }

    /** Puts what is in the table into the tiers, and the metadata on disk. */
    void store() {
        Block whole = whole();
        boolean offered = onDisk().create(whole);
        if (whole != null) {
            completed(whole, offered);
            whole.release();
            return;
        }
        for (Block block : all()) {
            if (isComplete(block) && block.tryRetain()) {
                completed(block);
                block.release();
            }
        }
    }

    /** The block that is all of the content, retained; null when there is more than one, or it has not come. */
    private @Nullable Block whole() {
        Block first = get(0);
        return first != null && first.filled() == entry.length() && first.tryRetain() ? first : null;
    }

    // ----------------------------------------------------------------------------------------------------- memory

    private void admit(Block block) {
        synchronized (entry) {
            block.resident(true);
            onDisk().forgetFailure(block.index());
        }
        memory().admit(block);
        if (entry.isDiscarded()) {
            memory().discard(block);
        }
        store.evictions().sweep();
    }

    private void keepForReaders(Block block) {
        boolean drop;
        synchronized (entry) {
            // what ends nobody knows where goes to the tiers only then, and stays here until it does
            drop = isComplete(block) && !entry.needSoon(block);
            strays = true;
        }
        if (drop) {
            drop(block);
        }
    }

    private boolean isComplete(Block block) {
        boolean mayEnd = entry.length() != CacheEntry.UNKNOWN_LENGTH || entry.isDiscarded();
        return mayEnd && block.filled() == block.capacity();
    }

    /** The memory tier has given a block up; readers that are near keep it. Returns whether it has gone. */
    boolean evicted(Block block) {
        boolean drop;
        synchronized (entry) {
            block.resident(false);
            drop = !entry.needSoon(block);
            strays = true;
        }
        if (drop) {
            drop(block);
        }
        return drop;
    }

    /** A reader has done with a block. Returns whether it has gone. */
    boolean passed(Block block) {
        boolean drop;
        synchronized (entry) {
            drop = strays && !block.isResident() && isComplete(block) && !entry.needSoon(block);
        }
        if (drop) {
            drop(block);
        }
        return drop;
    }

    /** Removes strays whose readers have gone. Returns whether there were any. */
    boolean dropStrays() {
        List<Block> unneeded;
        synchronized (entry) {
            if (!strays) {
                return false;
            }
            strays = false;
            unneeded = new ArrayList<>();
            for (Block block : all()) {
                if (!block.isResident() && isComplete(block)) {
                    if (entry.needSoon(block)) {
                        strays = true;
                    } else {
                        unneeded.add(block);
                    }
                }
            }
        }
        unneeded.forEach(this::drop);
        return !unneeded.isEmpty();
    }

    /** Takes all out of the tiers; what is in the table stays until readers have gone. */
    void withdraw() {
        onDisk().remove();
        synchronized (entry) {
            strays = true;
        }
        all().forEach(memory()::discard);
    }

    void clear() {
        all().forEach(this::drop);
    }

    // ------------------------------------------------------------------------------------------------------- disk

    /** Has a reader told when a block has come from disk. The caller holds the entry's lock. */
    EntryOnDisk.Load awaitLoad(int index, EntryReader reader) {
        return onDisk().awaitLoad(index, reader, get(index) != null);
    }

    /** Reads a block that {@link #awaitLoad} has announced. */
    void load(int index) {
        onDisk().load(index, octets -> promote(index, octets));
    }

    private boolean promote(int index, ByteBuf octets) {
        int capacity = entry.blockCapacity(index);
        if (octets.readableBytes() != capacity) {
            octets.release();
            return false;
        }
        StoreMetrics.BLOCKS_FROM_DISK.inc();
        Block block = new Block(entry, index, memory().adopt(octets, capacity), capacity);
        if (!putIfAbsent(block)) {
            block.release();
        } else if (entry.isDiscarded()) {
            keepForReaders(block);
        } else {
            admit(block);
        }
        return true;
    }
}
