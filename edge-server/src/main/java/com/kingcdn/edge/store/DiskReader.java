package com.kingcdn.edge.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads blocks on a few threads of its own, since a read of a file can block and an event loop must not. */
final class DiskReader implements AutoCloseable {

    /** Reads that may wait; a disk this far behind is slower than asking upstream. */
    static final int MAX_WAITING = 4096;

    private static final Logger LOGGER = LoggerFactory.getLogger(DiskReader.class);

    private final SegmentLog log;
    private final ThreadPoolExecutor threads;

    DiskReader(SegmentLog log, int threadCount) {
        this.log = log;
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                threadCount, threadCount, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), task -> {
                    Thread thread = new Thread(task, "disk-read-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    CompletionStage<@Nullable ByteBuf> read(DiskEntry entry, int block) {
        CompletableFuture<@Nullable ByteBuf> result = new CompletableFuture<>();
        try {
            threads.execute(() -> result.complete(readOrMiss(entry, block)));
        } catch (RejectedExecutionException e) {
            DiskMetrics.count(DiskMetrics.ReadOutcome.REJECTED);
            result.complete(null);
        }
        return result;
    }

    private @Nullable ByteBuf readOrMiss(DiskEntry entry, int block) {
        try {
            return readNow(entry, block);
        } catch (RuntimeException | OutOfMemoryError e) {
            // a miss, of which those who wait are told: past an error they would wait for ever
            DiskMetrics.count(DiskMetrics.ReadOutcome.FAILED);
            LOGGER.warn("disk tier: a block cannot be read: {}", e.toString());
            return null;
        }
    }

    private @Nullable ByteBuf readNow(DiskEntry entry, int block) {
        DiskEntry.Place place = entry.block(block);
        Segment segment = place == null ? null : log.segmentOf(place.location());
        if (place == null || segment == null || entry.removed()) {
            DiskMetrics.count(DiskMetrics.ReadOutcome.ABSENT);
            return null;
        }
        ByteBuf record = ByteBufAllocator.DEFAULT.directBuffer(RecordHeader.BYTES + place.length());
        boolean right = false;
        try {
            right = read(segment, entry, block, place, record);
        } finally {
            if (!right) {
                record.release();
            }
        }
        return right ? record.readerIndex(RecordHeader.BYTES).slice() : null;
    }

    private static boolean read(Segment segment, DiskEntry entry, int block, DiskEntry.Place place, ByteBuf record) {
        int size = RecordHeader.BYTES + place.length();
        try {
            boolean right = SegmentReader.readRecord(
                            segment,
                            Location.offset(place.location()),
                            record.nioBuffer(0, size).slice(),
                            RecordType.BLOCK,
                            entry.id(),
                            block)
                    != null;
            DiskMetrics.count(right ? DiskMetrics.ReadOutcome.READ : DiskMetrics.ReadOutcome.CORRUPT);
            if (right) {
                record.writerIndex(size);
            } else {
                entry.forgetBlock(block, place.location());
                LOGGER.warn("disk tier: a record in {} is damaged, its block is dropped", segment.path());
            }
            return right;
        } catch (ClosedChannelException e) {
            // the segment was dropped under the read
            DiskMetrics.count(DiskMetrics.ReadOutcome.ABSENT);
        } catch (EOFException e) {
            DiskMetrics.count(DiskMetrics.ReadOutcome.CORRUPT);
            DiskMetrics.CHECKSUM_FAILURES.inc();
            entry.forgetBlock(block, place.location());
        } catch (IOException e) {
            DiskMetrics.count(DiskMetrics.ReadOutcome.FAILED);
            entry.forgetBlock(block, place.location());
            LOGGER.debug("disk tier: reading {} failed", segment.path(), e);
        }
        return false;
    }

    /**
     * Runs something that reads, if not too much waits already.
     *
     * @return whether it will run
     */
    boolean run(Runnable task) {
        try {
            threads.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            DiskMetrics.count(DiskMetrics.ReadOutcome.REJECTED);
            return false;
        }
    }

    /** An entry's metadata as it is on disk; null when it is not there, or not whole. Reads the disk. */
    byte @Nullable [] metadata(DiskEntry entry) {
        DiskEntry.Place place = entry.metadata();
        Segment segment = place == null ? null : log.segmentOf(place.location());
        if (place == null || segment == null || entry.removed()) {
            return null;
        }
        ByteBuffer record = ByteBuffer.allocate(RecordHeader.BYTES + place.length());
        try {
            long offset = Location.offset(place.location());
            RecordHeader header = SegmentReader.readRecord(segment, offset, record, RecordType.METADATA, entry.id(), 0);
            return header == null ? null : Arrays.copyOfRange(record.array(), record.position(), record.limit());
        } catch (IOException e) {
            LOGGER.debug("disk tier: reading {} failed", segment.path(), e);
            return null;
        }
    }

    /** Lets the reads under way end, for at most a second. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            threads.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
