package com.kingcdn.edge.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The part of the cache that is in memory: blocks off the heap, the most useful ones within a limit.
 *
 * <p>Complete blocks are <em>resident</em>: Caffeine weighs them and evicts by recency and frequency. Others take memory too: blocks
 * being filled, and evicted ones which somebody still reads. What those take, and metadata, is taken off the residents' share, so that
 * the sum stays within the limit; when they alone take most of it, {@link #hasRoom} turns false and new responses are not stored. Every octet is
 * counted from its allocation to the release of the last reference.
 */
final class MemoryTier implements AutoCloseable {

    /** What a block takes beside its octets: its objects, and those of the tables it is in. */
    private static final int OVERHEAD = 512;

    /** The least share of the limit that resident blocks keep. */
    private static final int LEAST_RESIDENT_DIVISOR = 8;

    private final long limit;
    private final PooledByteBufAllocator allocator;
    private final Cache<Block, Block> residents;
    private final Policy.Eviction<Block, Block> eviction;

    private volatile boolean closed;

    private final AtomicLong allocated = new AtomicLong();
    private final AtomicLong resident = new AtomicLong();
    private final AtomicLong metadata = new AtomicLong();
    private final AtomicLong outsideAtLastAdjustment = new AtomicLong();

    /** Takes at most this many octets, as far as that is in the hands of the cache. */
    MemoryTier(long limit) {
        this.limit = limit;
        // of its own, so that long-lived blocks do not fragment the arenas which sockets use; no thread caches, since
        // memory is rarely freed by the thread that took it
        this.allocator = new PooledByteBufAllocator(true, 0, 1, 8192, 9, 0, 0, false);
        this.residents = Caffeine.newBuilder()
                .maximumWeight(limit)
                .weigher(MemoryTier::weight)
                .executor(Runnable::run)
                .removalListener(this::removed)
                .build();
        this.eviction = residents.policy().eviction().orElseThrow();
    }

    private static int weight(Block key, Block block) {
        return block.capacity() + OVERHEAD;
    }

    /** Memory for a block, filled by nobody yet. May evict others. Not to be called while holding an entry's lock. */
    ByteBuf allocate(int capacity) {
        return adopt(allocator.directBuffer(Math.max(1, capacity)), capacity);
    }

    /** The octets read from elsewhere as memory of this tier; takes over the reference. */
    ByteBuf adopt(ByteBuf octets, int capacity) {
        allocated.addAndGet(capacity);
        adjust();
        return BlockBuffer.of(octets, octets.readerIndex(), capacity, () -> allocated.addAndGet(-capacity));
    }

    /** Makes a complete block resident. It may be evicted before this returns. Not to be called while holding an entry's lock. */
    void admit(Block block) {
        resident.addAndGet(block.capacity());
        residents.put(block, block);
        if (closed) {
            discard(block);
        }
        adjust();
    }

    /** Notes that a block was of use. */
    void touch(Block block) {
        Block unused = residents.getIfPresent(block);
    }

    /** Gives a block up. Not to be called while holding an entry's lock. */
    void discard(Block block) {
        residents.invalidate(block);
    }

    /** Whether there is memory for one more response to be stored. */
    boolean hasRoom() {
        return outside() < limit - limit / 4;
    }

    /** Octets of all blocks, resident or not, that have not been freed. */
    long allocatedBytes() {
        return allocated.get();
    }

    long limit() {
        return limit;
    }

    /** Octets that evicting blocks cannot free. */
    private long outside() {
        return Math.max(0, allocated.get() - resident.get()) + metadata.get();
    }

    /** Counts metadata, which is on the heap, into the limit. */
    void metadata(long change) {
        metadata.addAndGet(change);
        adjust();
    }

    /** About how many octets of heap metadata takes. */
    long metadataBytes() {
        return metadata.get();
    }

    /** In steps, since each costs a round of maintenance. */
    private void adjust() {
        long outside = outside();
        long last = outsideAtLastAdjustment.get();
        long step = Math.max(Blocks.SIZE, limit / 64);
        if (Math.abs(outside - last) >= step && outsideAtLastAdjustment.compareAndSet(last, outside)) {
            eviction.setMaximum(Math.max(limit / LEAST_RESIDENT_DIVISOR, limit - outside - step));
        }
    }

    private void removed(@Nullable Block key, @Nullable Block block, RemovalCause cause) {
        if (block != null) {
            resident.addAndGet(-block.capacity());
            if (cause.wasEvicted()) {
                StoreMetrics.MEMORY_EVICTED_BLOCKS.inc();
                StoreMetrics.MEMORY_EVICTED_BYTES.inc(block.capacity());
            }
            block.entry().evicted(block);
        }
    }

    /** Gives up all blocks that are resident now. */
    void evictAll() {
        residents.invalidateAll();
    }

    /** Gives up all resident blocks, and whatever would become so. */
    @Override
    public void close() {
        closed = true;
        evictAll();
    }
}
