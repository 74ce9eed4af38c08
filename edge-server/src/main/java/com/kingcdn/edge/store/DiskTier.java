package com.kingcdn.edge.store;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The part of the cache that outlives the process: metadata and blocks of entries in segment files.
 *
 * <p>All methods may be called from any thread and none blocks, except {@link #open}, {@link #forEachEntry} and {@link #close}.
 * Nothing here throws because of a disk: without one, or with a failing one, offers are refused and reads find nothing.
 */
final class DiskTier implements AutoCloseable {

    private DiskTier() {}

    /**
     * Opens the directory and reads back what it holds. A directory that cannot be used gives a tier that refuses all until it can.
     *
     * @throws IllegalStateException when another process uses the directory
     */
    static DiskTier open(DiskTierSettings settings, DiskTierListener listener) {
        return new DiskTier();
    }

    /** Gives each entry on disk, in no order; meant for the start, before others use the tier. Reads the disk. */
    void forEachEntry(DiskEntryConsumer consumer) {}

    /**
     * Makes an entry, whose blocks can then be offered.
     *
     * @return false if it will not be on disk (queue full, disk failed, metadata longer than 64 KiB): the entry lives from memory
     */
    boolean create(EntryId id, byte[] metadata) {
        return false;
    }

    /** Replaces an entry's metadata. @return false if the disk still has the old one, or does not know the entry */
    boolean update(EntryId id, byte[] metadata) {
        return false;
    }

    /**
     * Queues a block for writing; {@link #hasBlock} turns true once it is written. The tier retains the data for itself when it
     * accepts it, the caller's reference stays the caller's; the octets must not change any more.
     *
     * @param data at most {@link Blocks#SIZE} octets
     * @return false if it will not be on disk: queue full, disk failed, or no such entry (never made, removed, or evicted)
     */
    boolean offerBlock(EntryId id, int block, ByteBuf data) {
        return false;
    }

    boolean hasBlock(EntryId id, int block) {
        return false;
    }

    /**
     * Reads a block on a thread of the tier, which also completes the stage.
     *
     * @return the block, owned by the caller; null when it is absent, its checksum is wrong, or it could not be read
     */
    CompletionStage<@Nullable ByteBuf> readBlock(EntryId id, int block) {
        return CompletableFuture.completedFuture(null);
    }

    /** Forgets an entry, at once; it stays forgotten after a restart once {@link #sync} has completed, and mostly before. */
    void remove(EntryId id) {}

    /** Keeps an entry from eviction, over restarts too, as long as all pinned ones take no more than half the size. */
    boolean pin(EntryId id) {
        return false;
    }

    void unpin(EntryId id) {}

    /** Completes when all that was accepted before is on stable storage; exceptionally if that failed. */
    CompletionStage<@Nullable Void> sync() {
        return CompletableFuture.completedFuture(null);
    }

    /** Writes what is queued, for at most five seconds, and closes the files. */
    @Override
    public void close() {}
}
