package com.kingcdn.edge.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalListener;
import com.github.benmanes.caffeine.cache.Weigher;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One distribution's part of the memory tier: how much it has and may have, and the reserve of its most useful blocks that makes its
 * floor. What the reserve gives up goes to the memory that all share.
 */
final class MemoryDivision {

    /** Blocks that come between two searches for some to be given up, when the distribution has all it may. */
    private static final int SEARCH_EVERY = 64;

    private final MemoryShare share;
    private final long most;
    private final @Nullable Cache<Block, Block> reserve;

    /** Octets of its resident blocks, wherever they are. */
    private final AtomicLong resident = new AtomicLong();

    private final AtomicInteger untilSearch = new AtomicInteger();

    MemoryDivision(
            MemoryShare share, long limit, Weigher<Block, Block> weigher, RemovalListener<Block, Block> removed) {
        this.share = share;
        this.most = limit / 100 * share.most();
        this.reserve = share.floor() == 0
                ? null
                : Caffeine.newBuilder()
                        .maximumWeight(limit / 100 * share.floor())
                        .weigher(weigher)
                        .executor(Runnable::run)
                        .removalListener(removed)
                        .build();
    }

    MemoryShare share() {
        return share;
    }

    @Nullable
    Cache<Block, Block> reserve() {
        return reserve;
    }

    void count(long octets) {
        resident.addAndGet(octets);
    }

    /** Octets that it has too many. */
    long excess() {
        return share.most() == 100 ? 0 : resident.get() - most;
    }

    /** How much to give up when it has too much, so that it is not asked at each block. */
    long surplus() {
        return excess() + most / 32;
    }

    /** Whether it is time for a search among all blocks. */
    boolean maySearch() {
        if (untilSearch.getAndDecrement() > 0) {
            return false;
        }
        untilSearch.set(SEARCH_EVERY);
        return true;
    }

    /** Gives all of the reserve to the memory that all share. */
    void dissolve() {
        if (reserve != null) {
            reserve.policy().eviction().ifPresent(eviction -> eviction.setMaximum(0));
            reserve.cleanUp();
        }
    }
}
