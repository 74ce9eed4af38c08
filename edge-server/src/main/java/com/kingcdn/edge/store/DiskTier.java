package com.kingcdn.edge.store;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of the cache that outlives the process: metadata and blocks of entries in segment files.
 *
 * <p>All methods may be called from any thread and none blocks, except {@link #open}, {@link #forEachEntry} and {@link #close}.
 * Nothing here throws because of a disk: without one, or with a failing one, offers are refused and reads find nothing.
 */
final class DiskTier implements AutoCloseable {

    /*
     * An append-only log, as in log-structured file systems, rather than a file for each object: writes are sequential whatever
     * the sizes of objects, eviction is the deletion of one file, and a crash can only ever harm the end of the log. One thread
     * writes (DiskWriter, SegmentLog, SegmentEvictor), a few read (DiskReader), and what is where is kept in memory (DiskIndex), 16
     * octets for each block. Blocks of an EntryId never change, so a reader needs no lock: it finds the block it wants, as its
     * header says, or nothing. The format, and when what is forced to stable storage, is docs/adr/0004-disk-tier-format.md.
     */

    private static final Logger LOGGER = LoggerFactory.getLogger(DiskTier.class);
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
     * Opens the directory and reads back what it holds. A directory that cannot be used gives a tier that refuses all until it can;
     * settings without a directory give one that always does.
     *
     * @throws IllegalStateException when another process uses the directory
     */
    static DiskTier open(DiskTierSettings settings, DiskTierListener listener) {
        return open(settings, listener, FileChannel::open);
    }

    static DiskTier open(DiskTierSettings settings, DiskTierListener listener, SegmentFiles.ChannelOpener opener) {
        DiskTier tier = new DiskTier(settings, listener, opener);
        tier.start();
        return tier;
    }

    private void start() {
        if (present) {
            writer.open();
            DiskMetrics.show(writer, log, index, queue);
            writerThread.start();
        } else {
            queue.close();
        }
    }

    /** Whether there is one. */
    boolean isPresent() {
        return present;
    }

    /** Gives each entry on disk, in no order; meant for the start, before others use the tier. Reads the disk. */
    void forEachEntry(DiskEntryConsumer consumer) {
        for (Segment segment : log.segments().values()) {
            try {
                SegmentReader.read(segment, (header, offset, metadata) -> {
                    DiskEntry entry = metadata == null ? null : index.get(header.id());
                    DiskEntry.Place place = entry == null ? null : entry.metadata();
                    boolean current = place != null && place.location() == Location.of(segment.number(), offset);
                    if (entry != null && metadata != null && current) {
                        consumer.accept(entry.id(), metadata, entry.blocks(), entry.pinned());
                    }
                });
            } catch (IOException e) {
                LOGGER.warn("disk tier: {} cannot be read ({}), its entries are lost", segment.path(), e.toString());
            }
        }
    }

    /**
     * Makes an entry, whose blocks can then be offered. To be called once for each identity.
     *
     * @return false if it will not be on disk (queue full, disk failed, metadata longer than 64 KiB): the entry lives from memory
     */
    boolean create(EntryId id, byte[] metadata) {
        if (!takes(metadata)) {
            return false;
        }
        DiskEntry entry = index.add(id);
        if (entry == null) {
            return false;
        }
        boolean taken = offer(new DiskWrite.Metadata(entry, metadata.clone()));
        if (!taken) {
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
    boolean update(EntryId id, byte[] metadata) {
        DiskEntry entry = index.get(id);
        return entry != null && takes(metadata) && offer(new DiskWrite.Metadata(entry, metadata.clone()));
    }

    private boolean takes(byte[] metadata) {
        return writer.available() && metadata.length <= Records.MAX_METADATA;
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
        ByteBuf retained = data.retainedDuplicate();
        boolean taken = offer(new DiskWrite.Block(entry, block, retained));
        if (!taken) {
            retained.release();
        }
        return taken;
    }

    /** Whether the block can be read, as far as is known without reading it. */
    boolean hasBlock(EntryId id, int block) {
        DiskEntry entry = index.get(id);
        return entry != null && entry.hasBlock(block);
    }

    /** Numbers of an entry's blocks that can be read, ascending. */
    int[] blocks(EntryId id) {
        DiskEntry entry = index.get(id);
        return entry == null ? new int[0] : entry.blocks();
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
        return queue.offer(new DiskWrite.PinChange(entry));
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
