package com.kingcdn.edge.store;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The part of the cache that outlives the process: metadata and blocks of entries in segment files.
 *
 * <p>All methods may be called from any thread and none blocks, except those that say that they read the disk, {@link #open} and
 * {@link #close}.
 * Nothing here throws because of a disk: without one, or with a failing one, offers are refused and reads find nothing.
 */
final class DiskTier implements AutoCloseable {

    /*
     * An append-only log, as in log-structured file systems, rather than a file for each object: writes are sequential whatever
     * the sizes of objects, eviction is the deletion of one file, and a crash can only ever harm the end of the log. One thread
     * writes (DiskWriter, SegmentLog, SegmentEvictor), a few read (DiskReader), and what is where is kept in memory (DiskIndex), about
     * a hundred octets for an entry and 16 for each block after the first. Blocks of an EntryId never change, so a reader needs no lock: it finds the block it wants, as its
     * header says, or nothing. The format, and when what is forced to stable storage, is docs/adr/0004-disk-tier-format.md.
     */

    private static final long CLOSE_WITHIN = TimeUnit.SECONDS.toMillis(5);

    private final boolean present;
    private final DiskIndex index = new DiskIndex();
    private final DiskWriteQueue queue;
    private final SegmentLog log;
    private final DiskReader reader;
    private final DiskWriter writer;
    private final Thread writerThread;

    private DiskTier(DiskTierSettings settings, DiskTierListener listener, SegmentFiles.ChannelOpener opener) {
        Path directory = settings.directory();
        present = directory != null;
        SegmentFiles files = new SegmentFiles(directory == null ? Path.of("") : directory, opener);
        queue = new DiskWriteQueue(settings.writeQueue().toBytes());
        log = new SegmentLog(files, settings.size().toBytes());
        reader = new DiskReader(log, settings.readThreads());
        writer = new DiskWriter(files, log, index, listener, queue, settings.retryAfter());
        writerThread = new Thread(writer, "disk-write");
        writerThread.setDaemon(true);
    }

    /**
     * Takes the directory for this process. What it holds is read after {@link #start}, by the writer thread; meanwhile the tier is written
     * and says that it has nothing. A directory that cannot be used gives a tier that refuses all until it can;
     * settings without a directory give one that always does.
     *
     * @throws IllegalStateException when another process uses the directory
     */
    static DiskTier open(DiskTierSettings settings, DiskTierListener listener, SegmentFiles.ChannelOpener opener) {
        DiskTier tier = new DiskTier(settings, listener, opener);
        if (tier.present) {
            tier.writer.open();
        }
        return tier;
    }

    /** Begins to read what the directory holds, and to write. The listener must be ready to be told. */
    void start() {
        if (present) {
            DiskMetrics.show(writer, log, index, queue);
            writerThread.start();
        } else {
            queue.close();
            writer.load().giveUp();
        }
    }

    /** Whether what the directory held is still being read. */
    boolean isLoading() {
        return writer.load().isUnderWay();
    }

    /** Completes, on the writer thread, when that has been read; exceptionally when the tier is closed before. */
    CompletableFuture<@Nullable Void> loaded() {
        return writer.load().done();
    }

    /** Whether there is one. */
    boolean isPresent() {
        return present;
    }

    /** Gives each entry on disk that can be read. Reads the disk. */
    void forEachEntry(DiskEntryConsumer consumer) {
        for (DiskEntry entry : index.all()) {
            byte[] metadata = reader.metadata(entry);
            if (metadata != null) {
                consumer.accept(entry, metadata);
            }
        }
    }

    /** The entries that were found at the start, each to be made cold or removed; for {@link DiskTierListener#loaded}. */
    List<DiskEntry> takeFound() {
        return writer.load().recovery().takeFound();
    }

    /** The highest generation of any metadata that was found at the start; 0 for none. */
    long newestGeneration() {
        return writer.load().recovery().newestGeneration();
    }

    /** Whether what was found at the start had a hole, in which there may have been removals. */
    boolean removalsLost() {
        return writer.load().recovery().removalsLost();
    }

    /**
     * Makes an entry, whose blocks can then be offered. To be called once for each identity.
     *
     * @return false if it will not be on disk (queue full, disk failed, metadata longer than 64 KiB): the entry lives from memory
     */
    boolean create(EntryId id, DiskMetadata metadata) {
        return create(id, metadata, null);
    }

    /**
     * As {@link #create(EntryId, DiskMetadata)}, together with its only block: both, or nothing.
     *
     * @param content retained by the tier for itself when it accepts it; the octets must not change any more. Null for a block that is
     *     yet to come
     */
    boolean create(EntryId id, DiskMetadata metadata, @Nullable ByteBuf content) {
        if (!takes(metadata)) {
            return false;
        }
        DiskEntry entry = index.add(id);
        if (entry == null) {
            return false;
        }
        entry.setKeyHash(metadata.keyHash());
        entry.setFlags(metadata.flags());
        boolean taken = offer(
                content == null
                        ? new DiskWrite.Metadata(entry, metadata)
                        : new DiskWrite.Whole(entry, metadata, content.retain()));
        if (!taken) {
            if (content != null) {
                content.release();
            }
            entry.setRemoved();
            index.remove(entry);
        }
        return taken;
    }

    /**
     * Replaces an entry's metadata.
     *
     * @return false if the disk keeps the old one, or does not know the entry
     */
    boolean update(EntryId id, DiskMetadata metadata) {
        DiskEntry entry = index.get(id);
        if (entry == null) {
            return false;
        }
        boolean stale = (metadata.flags() & DiskEntry.STALE) != 0;
        if (stale) {
            // at once, whether or not it can be written
            entry.set(DiskEntry.STALE, true);
        }
        boolean taken = takes(metadata) && offer(new DiskWrite.Metadata(entry, metadata));
        if (taken && !stale) {
            entry.set(DiskEntry.STALE, false);
        } else if (stale && !taken) {
            // the mark alone, for which there is always room
            queue.offer(new DiskWrite.FlagChange(entry));
        }
        return taken;
    }

    private boolean takes(DiskMetadata metadata) {
        return writer.available() && metadata.octets().length <= Records.MAX_METADATA;
    }

    private boolean offer(DiskWrite write) {
        boolean taken = queue.offer(write);
        if (!taken) {
            DiskMetrics.count(DiskMetrics.DropReason.QUEUE_FULL);
        }
        return taken;
    }

    /**
     * Queues a block for writing; {@link #hasBlock} turns true once it is written. The tier retains the data for itself when it
     * accepts it, the caller's reference stays the caller's; the octets must not change any more.
     *
     * @param data at most {@link Blocks#SIZE} octets
     * @return false if it will not be on disk: queue full, disk failed, or no such entry (never made, removed, or evicted)
     */
    boolean offerBlock(EntryId id, int block, ByteBuf data) {
        DiskEntry entry = index.get(id);
        if (entry == null || !writer.available() || data.readableBytes() > Blocks.SIZE) {
            return false;
        }
        boolean taken = offer(new DiskWrite.Block(entry, block, data.retain()));
        if (!taken) {
            data.release();
        }
        return taken;
    }

    /** Whether the block can be read, as far as is known without reading it. */
    boolean hasBlock(EntryId id, int block) {
        DiskEntry entry = index.get(id);
        return entry != null && entry.hasBlock(block);
    }

    /** What is known of an entry; null when it is not on disk, nor going to be. */
    @Nullable
    DiskEntry entry(EntryId id) {
        return index.get(id);
    }

    /**
     * Reads a block on a thread of the tier, which also completes the stage.
     *
     * @return the block, owned by the caller; null when it is absent, its checksum is wrong, or it could not be read
     */
    CompletionStage<@Nullable ByteBuf> readBlock(EntryId id, int block) {
        DiskEntry entry = index.get(id);
        if (entry == null || !entry.hasBlock(block)) {
            DiskMetrics.count(DiskMetrics.ReadOutcome.ABSENT);
            return CompletableFuture.completedFuture(null);
        }
        return reader.read(entry, block);
    }

    /**
     * Forgets an entry, at once. It stays forgotten after a restart: surely once {@link #sync} has completed, after the death of the
     * process alone once the write queue has come to it.
     */
    void remove(EntryId id) {
        DiskEntry entry = index.get(id);
        if (entry != null) {
            // first, so that the writer takes nothing of it that is queued behind the removal
            entry.setRemoved();
            if (index.remove(entry)) {
                queue.offer(new DiskWrite.Removal(id));
            }
        }
    }

    /**
     * Keeps an entry from eviction, over restarts too, as long as all pinned ones take no more than half the size.
     *
     * @return false when the entry is not on disk
     */
    boolean pin(EntryId id) {
        return setPinned(id, true);
    }

    /** Whether it may be pinned beside the others. */
    boolean hasRoomToPin(EntryId id) {
        DiskEntry entry = index.get(id);
        return entry == null || entry.pinned() || index.pinnedBytes() + entry.recordBytes() <= log.capacity() / 2;
    }

    void unpin(EntryId id) {
        setPinned(id, false);
    }

    private boolean setPinned(EntryId id, boolean pinned) {
        DiskEntry entry = index.get(id);
        if (entry == null) {
            return false;
        }
        return entry.pinned() == pinned || setPinned(entry, pinned);
    }

    private boolean setPinned(DiskEntry entry, boolean pinned) {
        index.setPinned(entry, pinned);
        return queue.offer(new DiskWrite.FlagChange(entry));
    }

    // ------------------------------------------------------------------------------------------------------- cold ones

    /** Cold entries whose keys have this hash: those that are on disk and of which nobody has the metadata. */
    List<DiskEntry> cold(long keyHash) {
        return index.cold(keyHash);
    }

    int coldSize() {
        return index.coldSize();
    }

    /** Makes an entry cold: its owner forgets the metadata. */
    void makeCold(EntryId id) {
        DiskEntry entry = index.get(id);
        if (entry != null) {
            index.makeCold(entry);
        }
    }

    void makeCold(DiskEntry entry) {
        index.makeCold(entry);
    }

    /** All cold entries, in the order of the places of their metadata. */
    List<DiskEntry> allCold() {
        List<DiskEntry> all = index.allCold();
        all.sort(Comparator.comparingLong(DiskEntry::metadataLocation));
        return all;
    }

    /** Has a cold entry be cold no more, for one caller, who is going to read its metadata or to remove it. */
    boolean takeCold(DiskEntry entry) {
        return index.takeCold(entry);
    }

    /** Has an entry validated before it is used again, over restarts too. */
    void markStale(DiskEntry entry) {
        if (!entry.has(DiskEntry.STALE)) {
            entry.set(DiskEntry.STALE, true);
            queue.offer(new DiskWrite.FlagChange(entry));
        }
    }

    /** An entry's metadata; null when it is not there, or not whole. Reads the disk. */
    byte @Nullable [] metadata(DiskEntry entry) {
        return reader.metadata(entry);
    }

    /** Runs something that reads the disk on a thread for that. @return false when too much waits for them already */
    boolean run(Runnable reading) {
        return reader.run(reading);
    }

    /** Completes when all that was accepted before is on stable storage; exceptionally if that failed. */
    CompletionStage<@Nullable Void> sync() {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        if (!present) {
            done.complete(null);
        } else if (!queue.offer(new DiskWrite.Sync(done))) {
            done.completeExceptionally(new IOException("the disk tier is closed"));
        }
        return done;
    }

    /** Writes what is queued, for at most five seconds, and closes the files. */
    @Override
    public void close() {
        queue.close();
        reader.close();
        try {
            writerThread.join(CLOSE_WITHIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "DiskTier" + Arrays.toString(log.segments().keySet().toArray());
    }
}
