package com.kingcdn.edge.store;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One entry as the disk has it, if it does: its metadata there, and which of its blocks are on their way from there to whom.
 *
 * <p>What is marked so is guarded by the entry.
 */
final class EntryOnDisk {

    /** How a block comes from disk: not at all, or the reader is told, and somebody has to start it. */
    enum Load {
        NONE,
        UNDER_WAY,
        TO_BE_STARTED
    }

    private final CacheEntry entry;
    private final DiskTier disk;

    private volatile boolean there;

    /** Who waits for which block; guarded by the entry. Most entries never need it, nor the next one. */
    private Map<Integer, List<EntryReader>> loading = Map.of();

    /** Blocks the disk said to have and could not read; guarded by the entry. */
    private Set<Integer> unreadable = Set.of();

    EntryOnDisk(CacheEntry entry, DiskTier disk) {
        this.entry = entry;
        this.disk = disk;
    }

    /** Whether the disk has it, so that it can leave the heap. */
    boolean isThere() {
        return there;
    }

    /** It was read back from disk, or is no longer there, or no longer this object's. */
    void isThere(boolean value) {
        there = value;
    }

    // -------------------------------------------------------------------------------------------------- to the disk

    /**
     * Makes it.
     *
     * @param whole the block that is all of its content; null when that is yet to be {@link #offer offered}
     * @return whether the disk takes it, and that block with it
     */
    boolean create(@Nullable Block whole) {
        Metadata written = entry.metadata();
        boolean taken = disk.isPresent()
                && disk.create(entry.id(), DiskMetadata.of(written), whole == null ? null : whole.memory());
        there = taken;
        follow(written);
        return taken;
    }

    /** Has the disk hold the metadata as it is now, if it holds the entry. */
    void update() {
        follow(null);
    }

    /** Writes until what was written last is what holds: of two who change it, the slower one must not leave an older state. */
    private void follow(@Nullable Metadata written) {
        Metadata latest = entry.metadata();
        while (there && written != latest) {
            disk.update(entry.id(), DiskMetadata.of(latest));
            written = latest;
            latest = entry.metadata();
        }
    }

    /** Has the disk hold a complete block, if it holds the entry. */
    void offer(Block block) {
        if (there) {
            disk.offerBlock(entry.id(), block.index(), block.memory());
        }
    }

    /** Has the disk forget it. */
    void remove() {
        if (there) {
            there = false;
            disk.remove(entry.id());
        }
    }

    // ------------------------------------------------------------------------------------------------ from the disk

    /** Whether a block can be read, as far as is known without reading it. */
    boolean isReadable(int index) {
        if (!there || !disk.hasBlock(entry.id(), index)) {
            return false;
        }
        synchronized (entry) {
            return !unreadable.contains(index);
        }
    }

    /**
     * Has a reader told when a block has been read. The caller holds the entry's lock.
     *
     * @param inMemory whether it is there by now, or growing
     */
    Load awaitLoad(int index, EntryReader reader, boolean inMemory) {
        List<EntryReader> waiters = loading.get(index);
        if (waiters != null) {
            waiters.add(reader);
            return Load.UNDER_WAY;
        }
        if (inMemory || !isReadable(index)) {
            return Load.NONE;
        }
        if (loading.isEmpty()) {
            loading = new HashMap<>();
        }
        loading.put(index, new ArrayList<>(List.of(reader)));
        return Load.TO_BE_STARTED;
    }

    /**
     * Reads a block that {@link #awaitLoad} has announced.
     *
     * @param taker takes its octets over, and says whether they are the block's
     */
    void load(int index, Predicate<ByteBuf> taker) {
        disk.readBlock(entry.id(), index).whenComplete((octets, failure) -> {
            boolean taken = false;
            try {
                taken = octets != null && taker.test(octets);
            } finally {
                loaded(index, taken);
            }
        });
    }

    private void loaded(int index, boolean taken) {
        List<EntryReader> waiters;
        synchronized (entry) {
            waiters = loading.remove(index);
            if (!taken) {
                if (unreadable.isEmpty()) {
                    unreadable = new HashSet<>();
                }
                unreadable.add(index);
            }
        }
        if (waiters != null) {
            waiters.forEach(EntryReader::drain);
        }
    }

    /** A block is whole again, whatever had come from disk: it may be written anew, and read. The caller holds the entry's lock. */
    void forgetFailure(int index) {
        if (!unreadable.isEmpty()) {
            unreadable.remove(index);
        }
    }
}
