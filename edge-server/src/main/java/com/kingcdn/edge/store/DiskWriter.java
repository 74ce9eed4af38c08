package com.kingcdn.edge.store;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes to the disk, and what it does when the disk fails: refuse everything for a while, then try a new segment.
 *
 * <p>Removals are special, since what was purged must not come back. Each is forced to stable storage within {@link #FORCE_WITHIN},
 * together with all that was written before it; those that a failing disk may have lost are written again, before all else, when it
 * has come back. So are marks of soft purges, but that an entry whose mark may be lost is given up. Data is never forced but when its
 * segment is sealed: a checksum tells what a crash has taken.
 */
final class DiskWriter implements Runnable {

    /** How long a removal may stay in the page cache, in nanoseconds. */
    static final long FORCE_WITHIN = Duration.ofMillis(500).toNanos();

    private static final Logger LOGGER = LoggerFactory.getLogger(DiskWriter.class);

    private static final int[] NO_BLOCKS = {};

    private final SegmentFiles files;
    private final SegmentLog log;
    private final DiskIndex index;
    private final DiskTierListener listener;
    private final DiskWriteQueue queue;
    private final long retryNanos;
    private final DiskLoad load;
    private final SegmentEvictor evictor;

    /** Removals that are not known to be on stable storage. */
    private final Set<EntryId> unforced = new LinkedHashSet<>();

    /** Entries that are marked stale, which is not known to be on stable storage. */
    private final Set<DiskEntry> marked = new LinkedHashSet<>();

    private long forceAt;
    private long retryAt;
    private volatile boolean opened;
    private volatile boolean available;

    DiskWriter(
            SegmentFiles files,
            SegmentLog log,
            DiskIndex index,
            DiskTierListener listener,
            DiskWriteQueue queue,
            Duration retryAfter) {
        this.files = files;
        this.log = log;
        this.index = index;
        this.load = new DiskLoad(new SegmentRecovery(files, log, index), listener);
        this.listener = listener;
        this.queue = queue;
        this.retryNanos = retryAfter.toNanos();
        this.evictor = new SegmentEvictor(
                log, index, listener, DiskIndex.mostEntries(Runtime.getRuntime().maxMemory()), load::finish);
    }

    /** Whether writes are worth offering. */
    boolean available() {
        return available;
    }

    /** The reading of what the directory held at the start. */
    DiskLoad load() {
        return load;
    }

    /** Takes the directory for this process; to be called before the thread starts. */
    void open() {
        try {
            files.lock();
            opened = true;
            available = true;
        } catch (IOException e) {
            fail(e);
        }
    }

    @Override
    public void run() {
        try {
            begin();
            boolean more = true;
            while (more) {
                // what waits goes before the next segment that is to be read
                boolean reading = load.isUnderWay() && queue.isEmpty();
                List<DiskWrite> batch = reading ? List.of() : queue.take(untilNextDeadline());
                more = !batch.isEmpty() || !queue.closed();
                work(batch);
                if (more) {
                    load.step();
                }
            }
            log.close();
        } catch (IOException e) {
            LOGGER.warn("disk tier: closing {} failed: {}", files.directory(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            available = false;
            load.close();
        }
    }

    private void begin() {
        try {
            if (opened) {
                load.begin();
                return;
            }
        } catch (IOException e) {
            opened = false;
            log.forgetAll();
            fail(e);
        }
        load.giveUp();
    }

    private long untilNextDeadline() {
        long now = System.nanoTime();
        if (!available) {
            return Math.max(1, retryAt - now);
        }
        return nothingToForce() ? DiskWriteQueue.forever() : Math.max(1, forceAt - now);
    }

    private void work(List<DiskWrite> batch) {
        List<CompletableFuture<@Nullable Void>> syncs = new ArrayList<>();
        int done = 0;
        long bytes = 0;
        try {
            if (!available && retryAt - System.nanoTime() <= 0) {
                load.finish();
                comeBack();
            }
            for (; available && done < batch.size(); done++) {
                DiskWrite next = batch.get(done);
                int size = next.bytes();
                write(next, syncs);
                bytes += size;
            }
            if (available) {
                log.flush();
                forceIfDue(!syncs.isEmpty());
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // want of memory too, as of a file's channel: without this thread whoever waits for it would wait for ever
            fail(e);
        }
        queue.finished(bytes);
        batch.subList(done, batch.size()).forEach(write -> refuse(write, syncs));
        syncs.forEach(this::answer);
    }

    private void write(DiskWrite write, List<CompletableFuture<@Nullable Void>> syncs) throws IOException {
        if (write instanceof DiskWrite.Whole whole) {
            writeMetadata(whole.entry(), whole.metadata());
            writeBlock(whole.entry(), 0, whole.content());
            whole.content().release();
        } else if (write instanceof DiskWrite.Metadata metadata) {
            writeMetadata(metadata.entry(), metadata.metadata());
        } else if (write instanceof DiskWrite.Block block) {
            writeBlock(block.entry(), block.block(), block.data());
            block.data().release();
        } else if (write instanceof DiskWrite.Removal removal) {
            remember(removal.id());
            writeRemoval(removal.id());
        } else if (write instanceof DiskWrite.FlagChange change) {
            noteMark(change.entry());
            if (!evictor.rewriteMetadata(change.entry()) && giveUp(change.entry())) {
                writeRemoval(change.entry().id());
            }
        } else if (write instanceof DiskWrite.Sync sync) {
            syncs.add(sync.done());
        }
    }

    private void writeMetadata(DiskEntry entry, DiskMetadata metadata) throws IOException {
        int length = metadata.octets().length;
        evictor.makeRoom(length);
        // asked after making room, which may have evicted the entry itself
        if (!entry.removed()) {
            noteMark(entry);
            log.appendMetadata(
                    entry,
                    metadata.generation(),
                    ByteBuffer.wrap(metadata.octets()),
                    outcome(entry, RecordType.METADATA, 0, length));
            DiskMetrics.WRITTEN_BYTES.inc(RecordHeader.BYTES + length);
        }
    }

    private void writeBlock(DiskEntry entry, int block, ByteBuf data) throws IOException {
        int length = data.readableBytes();
        if (entry.hasBlock(block)) {
            return;
        }
        evictor.makeRoom(length);
        if (!entry.removed()) {
            log.appendBlock(entry, block, data.nioBuffer(), outcome(entry, RecordType.BLOCK, block, length));
            DiskMetrics.WRITTEN_BYTES.inc(RecordHeader.BYTES + length);
        }
    }

    private void writeRemoval(EntryId id) throws IOException {
        evictor.makeRoom(0);
        log.appendRemoval(id);
        DiskMetrics.WRITTEN_BYTES.inc(RecordHeader.BYTES);
    }

    private void remember(EntryId id) {
        setDeadline();
        unforced.add(id);
    }

    private void noteMark(DiskEntry entry) {
        if (entry.has(DiskEntry.STALE)) {
            setDeadline();
            marked.add(entry);
        }
    }

    private void setDeadline() {
        if (nothingToForce()) {
            forceAt = System.nanoTime() + FORCE_WITHIN;
        }
    }

    private boolean nothingToForce() {
        return unforced.isEmpty() && marked.isEmpty();
    }

    private void forceIfDue(boolean now) throws IOException {
        if (now || (!nothingToForce() && forceAt - System.nanoTime() <= 0)) {
            force();
        }
    }

    private void force() throws IOException {
        log.force();
        unforced.clear();
        marked.clear();
    }

    /**
     * Forgets an entry if the disk may have missed that it is stale.
     *
     * @return whether it did; its removal is to be recorded then
     */
    private boolean giveUp(DiskEntry entry) {
        if (!entry.has(DiskEntry.STALE) || entry.removed()) {
            return false;
        }
        entry.setRemoved();
        index.remove(entry);
        remember(entry.id());
        listener.evicted(entry.id(), NO_BLOCKS, true);
        return true;
    }

    /** Tries the disk again: with a new segment, which starts with the removals that may have been lost. */
    private void comeBack() throws IOException {
        if (opened) {
            log.trimAbandoned();
            if (log.usableSpace() < log.segmentSize()) {
                evictor.dropOldest();
            }
            evictor.begin();
            for (EntryId id : unforced) {
                writeRemoval(id);
            }
        } else {
            files.lock();
            log.discardAll();
            evictor.begin();
            opened = true;
        }
        force();
        available = true;
        LOGGER.info("disk tier: {} can be written again", files.directory());
    }

    private void fail(Throwable cause) {
        if (available || retryAt == 0) {
            String reason = cause instanceof IOException || cause instanceof IllegalStateException
                    ? cause.toString()
                    : new UncheckedIOException(new IOException(cause)).toString();
            LOGGER.warn(
                    "disk tier: {} cannot be used ({}); going on without it, trying again every {}",
                    files.directory(),
                    reason,
                    Duration.ofNanos(retryNanos));
        }
        available = false;
        retryAt = System.nanoTime() + retryNanos;
        log.abandonActive();
        marked.forEach(this::giveUp);
        marked.clear();
    }

    private void refuse(DiskWrite write, List<CompletableFuture<@Nullable Void>> syncs) {
        queue.finished(write.bytes());
        if (write instanceof DiskWrite.Whole whole) {
            int length = whole.content().readableBytes();
            whole.content().release();
            outcome(whole.entry(), RecordType.BLOCK, 0, length).failed();
            outcome(whole.entry(), RecordType.METADATA, 0, whole.metadata().octets().length)
                    .failed();
        } else if (write instanceof DiskWrite.Metadata metadata) {
            outcome(metadata.entry(), RecordType.METADATA, 0, write.bytes()).failed();
            giveUp(metadata.entry());
        } else if (write instanceof DiskWrite.Block block) {
            block.data().release();
            outcome(block.entry(), RecordType.BLOCK, block.block(), write.bytes())
                    .failed();
        } else if (write instanceof DiskWrite.Removal removal) {
            remember(removal.id());
        } else if (write instanceof DiskWrite.FlagChange change) {
            giveUp(change.entry());
        } else if (write instanceof DiskWrite.Sync sync) {
            syncs.add(sync.done());
        }
    }

    private RecordOutcome outcome(DiskEntry entry, RecordType type, int block, int length) {
        return new RecordOutcome(index, listener, entry, type, block, length);
    }

    private void answer(CompletableFuture<@Nullable Void> sync) {
        if (available) {
            sync.complete(null);
        } else {
            sync.completeExceptionally(new IOException("the disk tier in " + files.directory() + " cannot be written"));
        }
    }
}
