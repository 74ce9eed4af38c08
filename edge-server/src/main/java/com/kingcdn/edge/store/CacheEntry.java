package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.Lookup;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stored response: its metadata, its blocks, and those who bring and read them.
 *
 * <p>A block that is wanted is in memory, or on disk, or some writer has claimed it and brings it, or it is missing and the reader's
 * {@link BlockSource} has to see to it. An entry with writers is <em>busy</em>; everybody, also who caused the fetch, reads it through
 * an {@link EntryReader}.
 *
 * <p>An entry that is not listed (never was, or was purged, replaced or given up) is gone with its last reader.
 */
public final class CacheEntry {

    /** How far a writer runs ahead of the fastest reader, in octets: 2 MiB. */
    public static final int READ_AHEAD = 8 * Blocks.SIZE;

    /** The length of content that ends when upstream says so. */
    public static final long UNKNOWN_LENGTH = -1;

    /** The longest claim in blocks, so that looking for its end takes no time: 1 GiB. */
    private static final int LONGEST_CLAIM = 4096;

    private static final EntryWriter[] NO_WRITERS = new EntryWriter[0];

    /** What {@link #await} found. */
    enum Await {
        /** Look again: the octet is there. */
        READY,
        /** The reader will be told. */
        WAITING,
        /** Nobody has it or brings it. */
        MISSING
    }

    /*
     * Locking: "this" guards readers, writers and what EntryBlocks says. It is held for moments only; while holding it, nothing of the
     * memory tier is called, no reader is run, and no writer's lock is taken.
     */
    private final EntryId id;
    private final CacheStore store;
    private final EntryBlocks blocks;
    private final int weight;

    private volatile Metadata metadata;
    private volatile long length;
    private volatile boolean listed;
    private volatile boolean discarded;
    private volatile boolean partsUnavailable;

    /** Replaced, never changed; written under the lock. */
    private volatile EntryWriter[] writers = NO_WRITERS;

    /** Guarded by this. */
    private final List<EntryReader> readers = new ArrayList<>(2);

    CacheEntry(EntryId id, Metadata metadata, CacheStore store) {
        this.id = id;
        this.store = store;
        this.metadata = metadata;
        this.length = metadata.length();
        this.weight = metadata.weight();
        this.blocks = new EntryBlocks(this, store.memory(), store.disk());
    }

    // --------------------------------------------------------------------------------------------------- metadata

    public EntryId id() {
        return id;
    }

    public CacheKey key() {
        return metadata.key();
    }

    public StoredResponse response() {
        return metadata.response();
    }

    /** The response's fields as they are sent, without those that are made anew for each: Content-Length and Age. */
    public HeaderFields fieldsToSend() {
        return metadata.fieldsToSend();
    }

    /** What policy is told has been found, made beforehand. */
    public Lookup lookup() {
        return metadata.lookup();
    }

    /** Octets of the whole content, or {@link #UNKNOWN_LENGTH} while that is still coming. */
    public long length() {
        return length;
    }

    long lengthOrMax() {
        long known = length;
        return known == UNKNOWN_LENGTH ? Long.MAX_VALUE : known;
    }

    /** Whether somebody is bringing blocks of it. */
    public boolean isBusy() {
        return writers.length > 0;
    }

    /** Whether requests can find it. */
    public boolean isListed() {
        return listed;
    }

    /** Whether it was purged, replaced or given up. */
    public boolean isDiscarded() {
        return discarded;
    }

    /**
     * Whether missing blocks can be fetched for certain from the same version: it has a strong validator and a known length, and
     * upstream has not shown that it does not give parts.
     */
    public boolean isRefillable() {
        return metadata.isRefillable() && !partsUnavailable;
    }

    /** Takes over what a validation has brought, for this entry's very content (RFC 9111 section 4.3.4). */
    public void freshen(StoredResponse updated) {
        replaceMetadata(new Metadata(key(), updated, length, false));
    }

    /** Has it validated before it is used again. */
    void markStale() {
        replaceMetadata(new Metadata(key(), metadata.response(), length, true));
    }

    private void replaceMetadata(Metadata replacement) {
        metadata = replacement;
        blocks.update(replacement);
    }

    /** About how many octets of heap it takes, as it was when it was made. */
    int weight() {
        return weight;
    }

    // --------------------------------------------------------------------------------------------- from begin to end

    /** Read back from disk, and listed. */
    void restored() {
        listed = true;
        blocks.onDisk(true);
    }

    /** Requests can find it from now on. */
    void listed() {
        listed = true;
        if (length != UNKNOWN_LENGTH) {
            blocks.store(metadata);
        }
        if (discarded) {
            // in the meantime, by another thread
            discarded();
        }
    }

    /** Requests can no longer find it; it ends with its last reader. */
    void discarded() {
        discarded = true;
        listed = false;
        blocks.withdraw();
        settle();
    }

    void giveUp() {
        store.discard(this);
    }

    void sweep() {
        store.sweep();
    }

    /** Blocks have left the disk. */
    void evictedFromDisk(boolean whole) {
        if (whole) {
            blocks.onDisk(false);
        }
        store.noteLoss(this);
    }

    /** The memory tier has given a block up. */
    void evicted(Block block) {
        if (blocks.evicted(block)) {
            store.noteLoss(this);
        }
    }

    boolean takeUsed() {
        return blocks.takeUsed();
    }

    /** Whether, after a loss, nothing is left that would be of use to a request. */
    boolean isHollow() {
        if (writers.length > 0 || blocks.isOnDisk() || length == 0) {
            return false;
        }
        return !blocks.isInMemory() || (!isRefillable() && firstMissing(0, lengthOrMax()) >= 0);
    }

    /** Frees what nobody is left to want. */
    private void settle() {
        boolean over;
        synchronized (this) {
            over = discarded && readers.isEmpty() && writers.length == 0;
        }
        if (over) {
            blocks.clear();
        } else if (blocks.dropStrays()) {
            store.noteLoss(this);
            store.sweep();
        }
    }

    // ----------------------------------------------------------------------------------------------------- blocks

    /** The octets a block has, or may have while the length is unknown. */
    int blockCapacity(int index) {
        long known = length;
        return known == UNKNOWN_LENGTH ? Blocks.SIZE : Blocks.length(index, known);
    }

    /** The block after the last one before an offset. */
    int blocksUpTo(long end) {
        return Blocks.count(Math.min(Math.min(end, lengthOrMax()), Blocks.MAX_LENGTH));
    }

    EntryBlocks blocks() {
        return blocks;
    }

    /**
     * The first block that is neither in a tier nor soon brought by a writer, of those that hold a range.
     *
     * @param end offset after the range's last octet
     * @return -1 when there is none
     */
    public int firstMissing(long from, long end) {
        int last = blocksUpTo(end);
        for (int index = Blocks.at(from); index < last; index++) {
            // first who brings it, then whether it is there: asked in this order, one of the two sees a block that is
            // being completed
            EntryWriter writer = writerOf(index);
            if (blocks.isPresent(index)) {
                continue;
            }
            if (writer == null || !writer.reachesSoon(index)) {
                return index;
            }
            // what this writer brings is not looked at block by block
            index = Math.max(index, Math.min(writer.endBlock(), last) - 1);
        }
        return -1;
    }

    /**
     * The whole content, if it is one block in memory (or nothing).
     *
     * @return retained for the caller; null when it is not that
     */
    public @Nullable ByteBuf wholeFromMemory() {
        return blocks.whole(length);
    }

    /** Content of unknown length has ended, in this block if it is not at a block's edge. */
    void endAt(long total, @Nullable Block last) {
        length = total;
        blocks.endIn(last);
        Metadata known = metadata;
        Metadata complete = new Metadata(known.key(), known.response(), total, known.validationRequired());
        metadata = complete;
        if (listed && !discarded) {
            blocks.store(complete);
        }
        if (discarded) {
            blocks.withdraw();
        }
    }

    /** Whether a reader is at a block, or will be soon. The caller holds the lock. */
    boolean isNeededSoon(Block block) {
        long start = Blocks.start(block.index());
        long end = start + block.capacity();
        for (EntryReader reader : readers) {
            if (reader.position() < end && reader.end() > start && start <= reader.position() + READ_AHEAD) {
                return true;
            }
        }
        return false;
    }

    // --------------------------------------------------------------------------------------------------- writers

    /**
     * Claims a missing block and those after it, up to one that is there or claimed.
     *
     * @param end block after the last one wanted
     * @return null when the block is there, or will be soon by somebody else's claim
     */
    public @Nullable EntryWriter claim(int first, int end) {
        synchronized (this) {
            EntryWriter other = writerOf(first);
            if (blocks.isPresent(first) || (other != null && other.reachesSoon(first))) {
                return null;
            }
            int until = Math.min(end, first + LONGEST_CLAIM);
            if (other != null) {
                until = Math.min(until, other.endBlock());
                other.endBefore(first);
            }
            int next = first + 1;
            while (next < until && writerOf(next) == null && !blocks.isPresent(next)) {
                next++;
            }
            return addWriter(new EntryWriter(this, first, next, true));
        }
    }

    /**
     * Claims everything, for content that comes from its first octet to its last. Blocks that are there already are kept.
     *
     * @param resumable whether later blocks may be asked for by themselves meanwhile
     */
    public EntryWriter claimAll(boolean resumable) {
        synchronized (this) {
            partsUnavailable |= !resumable;
            EntryWriter all = new EntryWriter(this, 0, Integer.MAX_VALUE, resumable);
            for (EntryWriter other : writers) {
                other.yieldTo(all);
            }
            return addWriter(all);
        }
    }

    private EntryWriter addWriter(EntryWriter writer) {
        EntryWriter[] more = Arrays.copyOf(writers, writers.length + 1);
        more[writers.length] = writer;
        writers = more;
        return writer;
    }

    /** The writer that has claimed a block and has not brought it yet. */
    public @Nullable EntryWriter writerOf(int index) {
        for (EntryWriter writer : writers) {
            if (writer.covers(index)) {
                return writer;
            }
        }
        return null;
    }

    List<EntryReader> takeWaiters(EntryWriter writer) {
        synchronized (this) {
            return writer.takeWaiters();
        }
    }

    /** A writer has ended. Returns who waited for it. */
    List<EntryReader> writerGone(EntryWriter writer) {
        List<EntryReader> waiters;
        synchronized (this) {
            List<EntryWriter> others = new ArrayList<>(List.of(writers));
            others.remove(writer);
            writers = others.toArray(NO_WRITERS);
            waiters = writer.takeWaiters();
        }
        if (length == UNKNOWN_LENGTH) {
            store.discard(this); // never to be completed
        }
        settle();
        store.noteLoss(this);
        store.sweep();
        return waiters;
    }

    // --------------------------------------------------------------------------------------------------- readers

    /**
     * Somebody who wants these octets, from now on.
     *
     * @param end offset after the last one; {@link Long#MAX_VALUE} for all there will be
     * @param source whom to ask for missing blocks
     */
    public EntryReader read(long from, long end, BlockSource source) {
        EntryReader reader = new EntryReader(this, from, end, source);
        synchronized (this) {
            readers.add(reader);
        }
        advanced(reader);
        return reader;
    }

    /** A reader has moved on, or come: writers may have to hurry. */
    void advanced(EntryReader reader) {
        for (EntryWriter writer : writers) {
            long wanted = Math.min(reader.position() + READ_AHEAD, alignedEnd(reader.end()));
            if (wanted > writer.limit() && reader.position() < writer.end() && reader.end() > writer.position()) {
                writer.raise(wanted);
            }
        }
    }

    private static long alignedEnd(long end) {
        return end >= Blocks.MAX_LENGTH ? Long.MAX_VALUE : Blocks.start(Blocks.count(end));
    }

    /** A reader has done with a block. */
    void passed(Block block) {
        if (blocks.passed(block)) {
            store.noteLoss(this);
            store.sweep();
        }
    }

    /** Looks again for an octet, and has the reader told when it comes. */
    Await await(EntryReader reader, int index, int offset) {
        EntryBlocks.Load load = EntryBlocks.Load.UNDER_WAY;
        synchronized (this) {
            if (blocks.has(index, offset) || reader.position() >= lengthOrMax()) {
                return Await.READY;
            }
            EntryWriter writer = writerOf(index);
            if (writer != null && writer.reachesSoon(index)) {
                writer.await(reader);
            } else {
                load = blocks.awaitLoad(index, reader);
            }
        }
        if (load == EntryBlocks.Load.NONE) {
            return Await.MISSING;
        }
        if (load == EntryBlocks.Load.TO_BE_STARTED) {
            blocks.load(index);
        }
        advanced(reader);
        return Await.WAITING;
    }

    void readerGone(EntryReader reader) {
        List<EntryWriter> unwanted = new ArrayList<>(1);
        synchronized (this) {
            readers.remove(reader);
            for (EntryWriter writer : writers) {
                if (!wants(writer)) {
                    unwanted.add(writer);
                }
            }
        }
        unwanted.forEach(EntryWriter::unwanted);
        settle();
    }

    /** Whether somebody wants what a writer has yet to bring, and is near enough to be worth its waiting. */
    synchronized boolean wants(EntryWriter writer) {
        for (EntryReader reader : readers) {
            if (reader.end() > writer.position()
                    && reader.position() < writer.end()
                    && reader.position() + 4L * READ_AHEAD >= writer.position()) {
                return true;
            }
        }
        return false;
    }
}
