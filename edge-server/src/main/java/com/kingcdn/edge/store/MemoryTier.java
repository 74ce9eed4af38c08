package com.kingcdn.edge.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
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
    static final int OVERHEAD = 512;

    /** The least share of the limit that resident blocks keep. */
    private static final int LEAST_RESIDENT_DIVISOR = 8;

    /** How many blocks are looked at in one search. */
    private static final int MOST_SEARCHED = 10_000;

    private final long limit;
    private final ByteBufAllocator allocator;
    private final Cache<Block, Block> residents;
    private final Policy.Eviction<Block, Block> eviction;

    /** By distribution: those that have a share or a floor of their own. */
    private volatile Map<String, MemoryDivision> divisions = Map.of();

    private volatile boolean closed;

    private final AtomicLong allocated = new AtomicLong();
    private final AtomicLong resident = new AtomicLong();
    /** Of the residents: octets in reserves, which others cannot have. */
    private final AtomicLong reserved = new AtomicLong();

    private final IntConsumer freed = this::freed;

    private final AtomicLong metadata = new AtomicLong();
    private final AtomicLong outsideAtLastAdjustment = new AtomicLong();

    /** Takes at most this many octets, as far as that is in the hands of the cache. */
    MemoryTier(long limit) {
        // of its own, so that long-lived blocks do not fragment the arenas which sockets use; no thread caches, since
        // memory is rarely freed by the thread that took it
        this(limit, new PooledByteBufAllocator(true, 0, 1, 8192, 9, 0, 0, false));
    }

    MemoryTier(long limit, ByteBufAllocator allocator) {
        this.limit = limit;
        this.allocator = allocator;
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

    /**
     * Memory for a block, filled by nobody yet. May evict others. Not to be called while holding an entry's lock.
     *
     * @throws IllegalStateException when the process has no memory left outside the heap
     */
    ByteBuf allocate(int capacity) {
        ByteBuf octets;
        try {
            octets = allocator.directBuffer(Math.max(1, capacity));
        } catch (OutOfMemoryError e) {
            // an exception fails one response and tells who waits for it; past an error they would wait for ever
            throw new IllegalStateException("no memory outside the heap for a block of " + capacity + " octets", e);
        }
        return adopt(octets, capacity);
    }

    /** The octets read from elsewhere as memory of this tier; takes over the reference. */
    ByteBuf adopt(ByteBuf octets, int capacity) {
        allocated.addAndGet(capacity);
        adjust();
        return BlockBuffer.of(octets, octets.readerIndex(), capacity, freed);
    }

    private void freed(int octets) {
        allocated.addAndGet(-octets);
    }

    /** Makes a complete block resident. It may be evicted before this returns. Not to be called while holding an entry's lock. */
    void admit(Block block) {
        resident.addAndGet(block.capacity());
        MemoryDivision division = divisionOf(block);
        Cache<Block, Block> reserve = division == null ? null : division.reserve();
        if (division != null) {
            division.count(block.capacity());
        }
        if (reserve == null) {
            put(block);
        } else {
            reserved.addAndGet(block.capacity());
            block.home(reserve);
            reserve.put(block, block);
        }
        if (closed) {
            discard(block);
        }
        if (division != null && division.excess() > 0) {
            enforce(division, block);
        }
        adjust();
    }

    private void put(Block block) {
        block.home(residents);
        residents.put(block, block);
    }

    /** Notes that a block was of use. */
    void touch(Block block) {
        Cache<Block, Block> home = block.home();
        if (home != null) {
            Block unused = home.getIfPresent(block);
        }
    }

    /** Gives a block up. Not to be called while holding an entry's lock. */
    void discard(Block block) {
        Cache<Block, Block> home = block.home();
        if (home != null) {
            home.invalidate(block);
            if (!home.equals(residents)) {
                // it may have moved meanwhile
                residents.invalidate(block);
            }
        }
    }

    // ---------------------------------------------------------------------------------------------------- divisions

    /** Gives distributions their shares and floors from now on; those of others fall to all. */
    synchronized void divide(Collection<MemoryShare> shares) {
        Map<String, MemoryDivision> before = divisions;
        Map<String, MemoryDivision> after = new HashMap<>();
        for (MemoryShare share : shares) {
            MemoryDivision known = before.get(share.distribution());
            after.put(
                    share.distribution(),
                    known != null && known.share().equals(share)
                            ? known
                            : new MemoryDivision(share, limit, MemoryTier::weight, this::leftReserve));
        }
        divisions = Map.copyOf(after);
        before.values().stream().filter(old -> !after.containsValue(old)).forEach(MemoryDivision::dissolve);
        for (Block block : residents.asMap().keySet()) {
            MemoryDivision division = divisionOf(block);
            if (division != null && !before.containsValue(division)) {
                division.count(block.capacity());
            }
        }
        adjust();
    }

    private @Nullable MemoryDivision divisionOf(Block block) {
        Map<String, MemoryDivision> known = divisions;
        return known.isEmpty() ? null : known.get(block.entry().key().distribution());
    }

    /** A reserve has given a block up: to the memory that all share, unless it is wanted by nobody. */
    private void leftReserve(@Nullable Block key, @Nullable Block block, RemovalCause cause) {
        if (block == null) {
            return;
        }
        reserved.addAndGet(-block.capacity());
        if (cause.wasEvicted() && !closed) {
            put(block);
        } else {
            removed(key, block, cause);
        }
    }

    /** A distribution has more than its share: its least useful blocks go, or else the one that has just come. */
    private void enforce(MemoryDivision division, Block latest) {
        if (division.maySearch()) {
            long surplus = division.surplus();
            List<Block> coldest = eviction.coldest(blocks -> {
                List<Block> found = new ArrayList<>();
                long[] octets = {0};
                blocks.limit(MOST_SEARCHED)
                        .map(Map.Entry::getKey)
                        .filter(block -> divisionOf(block) == division)
                        .takeWhile(block -> octets[0] < surplus)
                        .forEach(block -> {
                            octets[0] += block.capacity();
                            found.add(block);
                        });
                return found;
            });
            coldest.forEach(this::evict);
        }
        if (division.excess() > 0) {
            evict(latest);
        }
    }

    private void evict(Block block) {
        StoreMetrics.MEMORY_EVICTED_BLOCKS.inc();
        StoreMetrics.MEMORY_EVICTED_BYTES.inc(block.capacity());
        discard(block);
    }

    // ---------------------------------------------------------------------------------------------------------- room

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
        long outside = outside() + reserved.get();
        long last = outsideAtLastAdjustment.get();
        long step = Math.max(Blocks.SIZE, limit / 64);
        if (Math.abs(outside - last) >= step && outsideAtLastAdjustment.compareAndSet(last, outside)) {
            eviction.setMaximum(Math.max(limit / LEAST_RESIDENT_DIVISOR, limit - outside - step));
        }
    }

    private void removed(@Nullable Block key, @Nullable Block block, RemovalCause cause) {
        if (block != null) {
            resident.addAndGet(-block.capacity());
            MemoryDivision division = divisionOf(block);
            if (division != null) {
                division.count(-block.capacity());
            }
            if (cause.wasEvicted()) {
                StoreMetrics.MEMORY_EVICTED_BLOCKS.inc();
                StoreMetrics.MEMORY_EVICTED_BYTES.inc(block.capacity());
            }
            block.entry().evicted(block);
        }
    }

    /** Gives up all blocks that are resident now. */
    void evictAll() {
        for (MemoryDivision division : divisions.values()) {
            Cache<Block, Block> reserve = division.reserve();
            if (reserve != null) {
                reserve.invalidateAll();
            }
        }
        residents.invalidateAll();
    }

    /** Gives up all resident blocks, and whatever would become so. */
    @Override
    public void close() {
        closed = true;
        evictAll();
    }
}
