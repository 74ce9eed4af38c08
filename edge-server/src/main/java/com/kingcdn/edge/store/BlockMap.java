package com.kingcdn.edge.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/** The blocks of one entry that are in memory, by number. Most entries have but the first, which needs no table. Safe for all threads. */
class BlockMap {

    private static final AtomicReferenceFieldUpdater<BlockMap, @Nullable Block> FIRST =
            AtomicReferenceFieldUpdater.newUpdater(BlockMap.class, Block.class, "first");

    private volatile @Nullable Block first;
    private volatile @Nullable ConcurrentHashMap<Integer, Block> others;

    @Nullable
    Block get(int index) {
        if (index == 0) {
            return first;
        }
        ConcurrentHashMap<Integer, Block> table = others;
        return table == null ? null : table.get(index);
    }

    /** Puts a block in. Returns the one that it replaces. */
    @Nullable
    Block put(Block block) {
        return block.index() == 0 ? FIRST.getAndSet(this, block) : table().put(block.index(), block);
    }

    /** Puts a block in unless there is one of its number. Returns whether it did. */
    boolean putIfAbsent(Block block) {
        return block.index() == 0
                ? FIRST.compareAndSet(this, null, block)
                : table().putIfAbsent(block.index(), block) == null;
    }

    /** Takes out this very block. Returns whether it was there. */
    boolean remove(Block block) {
        if (block.index() == 0) {
            return FIRST.compareAndSet(this, block, null);
        }
        ConcurrentHashMap<Integer, Block> table = others;
        return table != null && table.remove(block.index(), block);
    }

    boolean isEmpty() {
        ConcurrentHashMap<Integer, Block> table = others;
        return first == null && (table == null || table.isEmpty());
    }

    /** Those that are there now, in no order. */
    List<Block> all() {
        Block block = first;
        ConcurrentHashMap<Integer, Block> table = others;
        if (table == null) {
            return block == null ? List.of() : List.of(block);
        }
        List<Block> all = new ArrayList<>(table.values());
        if (block != null) {
            all.add(0, block);
        }
        return all;
    }

    private ConcurrentHashMap<Integer, Block> table() {
        ConcurrentHashMap<Integer, Block> table = others;
        if (table == null) {
            synchronized (this) {
                table = others;
                if (table == null) {
                    table = new ConcurrentHashMap<>(4);
                    others = table;
                }
            }
        }
        return table;
    }
}
