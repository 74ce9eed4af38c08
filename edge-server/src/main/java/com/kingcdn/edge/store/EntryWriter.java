package com.kingcdn.edge.store;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The claim on some missing blocks of an entry, by one who brings their octets in order.
 *
 * <p>What is written can be read at once, while the block still grows; only complete blocks stay. The writer is paced by those who
 * read: it should not run ahead of {@link #limit()}. Methods may be called from any thread, writes by one at a time.
 */
public final class EntryWriter {

    private final CacheEntry entry;
    private final int firstBlock;
    private final boolean resumable;
    private final CompletableFuture<Void> opened = new CompletableFuture<>();

    /** After the last block of the claim; only ever lowered, by the entry. */
    private volatile int endBlock;

    private volatile long position;
    private volatile long limit;
    private volatile boolean closed;
    private volatile @Nullable Listener listener;

    /** Guarded by the entry. */
    private List<EntryReader> waiters = List.of();

    /** Guarded by this. */
    private @Nullable Block current;

    EntryWriter(CacheEntry entry, int firstBlock, int endBlock, boolean resumable) {
        this.entry = entry;
        this.firstBlock = firstBlock;
        this.endBlock = endBlock;
        this.resumable = resumable;
        this.position = Blocks.start(firstBlock);
        this.limit = position + CacheEntry.READ_AHEAD;
    }

    public CacheEntry entry() {
        return entry;
    }

    /** Offset of the next octet. */
    public long position() {
        return position;
    }

    /** Offset after the last octet of the claim; it may come nearer when a later part is claimed by somebody else. */
    public long end() {
        long length = entry.length();
        long end = (long) endBlock * Blocks.SIZE;
        return length == CacheEntry.UNKNOWN_LENGTH ? end : Math.min(end, length);
    }

    /** Whether everything claimed has been written. */
    public boolean isDone() {
        return closed || position >= end();
    }

    /** Whether anybody wants what is still to come. */
    public boolean isWanted() {
        return entry.want(this);
    }

    /** Up to which offset readers want this to run now. */
    public long limit() {
        return limit;
    }

    /** Completes once the octets to come are known to be of this entry, or exceptionally when they are not to be had. */
    public CompletableFuture<Void> opened() {
        return opened;
    }

    /** Who is told about readers; from any thread. */
    public interface Listener {

        /** {@link #limit()} has grown. */
        void moreWanted();

        /** Nobody is left who wants what is still to come. */
        void unwanted();
    }

    /** Says whom to tell about readers. */
    public void listen(Listener told) {
        listener = told;
    }

    /**
     * Begins at another offset than that of the first claimed block; what lies before that block is dropped.
     *
     * @param offset of the first octet that will be written, not beyond the first claimed block
     */
    public void startAt(long offset) {
        if (offset > Blocks.start(firstBlock)) {
            throw new IllegalArgumentException("writing from " + offset + " would leave a gap before " + position);
        }
        position = offset;
    }

    /** Stores octets at {@link #position()}; the reference stays the caller's. What lies after {@link #end()} is ignored. */
    public void write(ByteBuf octets) {
        synchronized (this) {
            while (!closed && octets.isReadable() && position < end()) {
                writeToBlock(octets);
            }
        }
        signal();
    }

    private void writeToBlock(ByteBuf octets) {
        long at = position;
        int index = Blocks.at(at);
        int offset = (int) (at - Blocks.start(index));
        int capacity = entry.blockCapacity(index);
        int count = Math.min(octets.readableBytes(), capacity - offset);
        Block block = current;
        if (block == null
                && offset == 0
                && index >= firstBlock
                && !entry.blocks().isPresent(index)) {
            block = entry.blocks().add(index, capacity);
            current = block;
        }
        if (block != null) {
            block.memory().setBytes(offset, octets, octets.readerIndex(), count);
            block.filledTo(offset + count);
        }
        octets.skipBytes(count);
        position = at + count;
        if (block != null && offset + count == capacity) {
            current = null;
            entry.blocks().completed(block);
            block.release();
        }
    }

    /**
     * Ends the claim: all octets have come. Gives an entry of unknown length the length that was written.
     *
     * @throws IllegalStateException when octets are missing
     */
    public void complete() {
        synchronized (this) {
            if (closed) {
                return;
            }
            if (entry.length() == CacheEntry.UNKNOWN_LENGTH) {
                Block last = current;
                current = null;
                entry.endAt(position, last);
            } else if (position < end()) {
                throw new IllegalStateException("only " + position + " of " + end() + " octets came");
            }
            closed = true;
            dropCurrent();
        }
        opened.complete(null);
        List<EntryReader> told = entry.writerGone(this);
        told.forEach(EntryReader::drain);
    }

    /** Ends the claim early, at no fault of the content: whoever waits looks for the rest elsewhere. */
    public void stop() {
        if (close()) {
            opened.complete(null);
            List<EntryReader> told = entry.writerGone(this);
            told.forEach(EntryReader::drain);
        }
    }

    /** Ends the claim because the octets do not come; whoever waits for them fails too. Complete blocks stay. */
    public void fail(Throwable failure) {
        if (close()) {
            opened.completeExceptionally(failure);
            entry.failExpected(failure);
            List<EntryReader> told = entry.writerGone(this);
            told.forEach(reader -> reader.fail(failure));
        }
    }

    private synchronized boolean close() {
        if (closed) {
            return false;
        }
        closed = true;
        dropCurrent();
        return true;
    }

    private void dropCurrent() {
        Block block = current;
        if (block != null) {
            current = null;
            entry.blocks().drop(block);
            block.release();
        }
    }

    private void signal() {
        List<EntryReader> told;
        synchronized (entry) {
            told = takeWaiters();
        }
        told.forEach(EntryReader::drain);
    }

    /** Lets this run up to an offset. */
    void raise(long offset) {
        boolean raised = false;
        synchronized (opened) {
            if (offset > limit) {
                limit = offset;
                raised = true;
            }
        }
        Listener told = listener;
        if (raised && told != null) {
            told.moreWanted();
        }
    }

    void unwanted() {
        Listener told = listener;
        if (told != null) {
            told.unwanted();
        }
    }

    int firstBlock() {
        return firstBlock;
    }

    int endBlock() {
        return endBlock;
    }

    /** Leaves the blocks from this one on to others. */
    void endBefore(int block) {
        endBlock = block;
    }

    /** Whether it is going to bring a block; not if it has ended, or has brought it already, whatever became of it then. */
    boolean covers(int block) {
        return !closed && block >= firstBlock && block < endBlock && block >= Blocks.at(position);
    }

    /** Whether this will reach a block soon, or is the only way to get it. */
    boolean reachesSoon(int block) {
        return !resumable || Blocks.start(block) <= position + CacheEntry.READ_AHEAD;
    }

    /** Leaves all that is still to come to another writer. Guarded by the entry. */
    void yieldTo(EntryWriter other) {
        endBlock = firstBlock;
        takeWaiters().forEach(other::await);
    }

    /** Guarded by the entry. */
    void await(EntryReader reader) {
        if (waiters.isEmpty()) {
            waiters = new ArrayList<>(2);
        }
        waiters.add(reader);
    }

    /** Guarded by the entry. */
    List<EntryReader> takeWaiters() {
        List<EntryReader> taken = waiters;
        waiters = List.of();
        return taken;
    }
}
