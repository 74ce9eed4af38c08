package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.Lookup;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.http.HeaderFields;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One stored response: its metadata, and which of its blocks are where.
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

    /** Content of unknown length is stored up to this share of the memory. */
    private static final int LONGEST_UNKNOWN_DIVISOR = 8;

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
     * Locking: "this" guards what is marked so, and is held for moments only. While holding it, nothing of the memory tier is called
     * (its evictions lock entries), no reader is run, and no writer's lock is taken.
     */
    private final EntryId id;
    private final CacheKey key;
    private final CacheStore store;

    private final ConcurrentHashMap<Integer, Block> blocks = new ConcurrentHashMap<>(2);

    private volatile Metadata metadata;
    private volatile long length;
    private volatile boolean listed;
    private volatile boolean discarded;
    private volatile boolean onDisk;
    private volatile boolean used;
    private volatile boolean partsUnavailable;
    private volatile EntryWriter[] writers = NO_WRITERS;

    /** Guarded by this. */
    private final List<EntryReader> readers = new ArrayList<>(2);

    /** Who waits for which block to come from disk; guarded by this. */
    private final Map<Integer, List<EntryReader>> loading = new HashMap<>();

    /** Blocks the disk said to have and could not read; guarded by this. */
    private final Set<Integer> unreadable = new HashSet<>();

    /** Whether complete blocks are kept for readers alone; guarded by this. */
    private boolean strays;

    CacheEntry(EntryId id, Metadata metadata, CacheStore store) {
        this.id = id;
        this.key = metadata.key();
        this.store = store;
        this.metadata = metadata;
        this.length = metadata.length();
    }

    public EntryId id() {
        return id;
    }

    public CacheKey key() {
        return key;
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
        replaceMetadata(new Metadata(key, updated, length, false));
    }

    /** Has it validated before it is used again. */
    void markStale() {
        replaceMetadata(new Metadata(key, metadata.response(), length, true));
    }

    private void replaceMetadata(Metadata replacement) {
        metadata = replacement;
        if (onDisk && !discarded) {
            store.disk().update(id, MetadataCodec.encode(replacement));
        }
    }

    int metadataWeight() {
        return metadata.weight();
    }

    // ---------------------------------------------------------------------------------------------------- blocks

    /** The octets a block has, or may have while the length is unknown. */
    int blockCapacity(int index) {
        long known = length;
        return known == UNKNOWN_LENGTH ? Blocks.SIZE : Blocks.length(index, known);
    }

    /** The block after the last one before an offset. */
    int blocksUpTo(long end) {
        return Blocks.count(Math.min(Math.min(end, lengthOrMax()), Blocks.MAX_LENGTH));
    }

    /** Whether a block is complete, in memory or on disk. */
    boolean isPresent(int index) {
        Block block = blocks.get(index);
        if (block != null) {
            return block.filled() == blockCapacity(index);
        }
        return isReadableFromDisk(index);
    }

    private boolean isReadableFromDisk(int index) {
        if (!onDisk || !store.disk().hasBlock(id, index)) {
            return false;
        }
        synchronized (this) {
            return !unreadable.contains(index);
        }
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
            if (!isPresent(index)) {
                EntryWriter writer = writerOf(index);
                if (writer == null || !writer.reachesSoon(index)) {
                    return index;
                }
                // what this writer brings is not looked at block by block
                index = Math.max(index, Math.min(writer.endBlock(), last) - 1);
            }
        }
        return -1;
    }

    /**
     * The whole content, if it is one block in memory (or nothing).
     *
     * @return retained for the caller; null when it is not that
     */
    public @Nullable ByteBuf wholeFromMemory() {
        Block block = blocks.get(0);
        if (block == null || length != block.filled() || length != block.capacity() || !block.tryRetain()) {
            return null;
        }
        touch(block);
        return block.memory().duplicate();
    }

    /** A block to be read from, retained; null when it is not in memory. */
    @Nullable
    Block acquire(int index) {
        Block block = blocks.get(index);
        if (block == null || !block.tryRetain()) {
            return null;
        }
        if (block.filled() == block.capacity()) {
            touch(block);
        } else {
            StoreMetrics.BLOCKS_FROM_UPSTREAM.inc();
        }
        return block;
    }

    private void touch(Block block) {
        used = true;
        store.memory().touch(block);
        StoreMetrics.BLOCKS_FROM_MEMORY.inc();
    }

    /** Whether it was of use since this was last asked. */
    boolean takeUsed() {
        boolean was = used;
        used = false;
        return was;
    }

    /** Whether this very block is the one in the table. */
    boolean holds(Block block) {
        Block held = blocks.get(block.index());
        return held != null && held.equals(block);
    }

    /** A new block for a writer, who gets a reference beside the table's. */
    Block addBlock(int index, int capacity) {
        Block block = new Block(this, index, store.memory().allocate(capacity), 0);
        block.tryRetain();
        Block replaced = blocks.put(index, block);
        if (replaced != null) {
            replaced.release();
        }
        return block;
    }

    void removeBlock(Block block) {
        if (blocks.remove(block.index(), block)) {
            block.release();
        }
    }

    /** A writer has filled a block: keep it, if this is an entry to keep. */
    void completed(Block block) {
        if (length == UNKNOWN_LENGTH || !listed || discarded) {
            if (length == UNKNOWN_LENGTH
                    && Blocks.start(block.index()) > store.memory().limit() / LONGEST_UNKNOWN_DIVISOR) {
                store.discard(this); // perhaps endless: not to be kept whole
            }
            keepForReaders(block);
            return;
        }
        if (onDisk && block.capacity() > 0) {
            store.disk().offerBlock(id, block.index(), block.memory());
        }
        admit(block);
    }

    private void admit(Block block) {
        synchronized (this) {
            block.resident(true);
        }
        store.memory().admit(block);
        if (discarded) {
            store.memory().discard(block);
        }
        store.sweep();
    }

    private void keepForReaders(Block block) {
        boolean drop;
        synchronized (this) {
            // what ends nobody knows where goes to the tiers only then, and stays here until it does
            drop = isComplete(block) && !isNeededSoon(block);
            strays = true;
        }
        if (drop) {
            removeBlock(block);
        }
    }

    /** The memory tier has given a block up; readers that are near keep it in the table. */
    void evicted(Block block) {
        boolean drop;
        synchronized (this) {
            block.resident(false);
            drop = !isNeededSoon(block);
            strays = true;
        }
        if (drop) {
            removeBlock(block);
            store.noteLoss(this);
        }
    }

    /** Blocks have left the disk. */
    void evictedFromDisk(boolean whole) {
        if (whole) {
            onDisk = false;
        }
        store.noteLoss(this);
    }

    /** Whether, after a loss, nothing is left that would be of use to a request. */
    boolean isHollow() {
        if (writers.length > 0 || onDisk) {
            return false;
        }
        return blocks.isEmpty() || (!isRefillable() && firstMissing(0, lengthOrMax()) >= 0);
    }

    private boolean isNeededSoon(Block block) {
        long start = Blocks.start(block.index());
        long end = start + block.capacity();
        for (EntryReader reader : readers) {
            if (reader.position() < end && reader.end() > start && start <= reader.position() + READ_AHEAD) {
                return true;
            }
        }
        return false;
    }

    /** A reader has done with a block. */
    void passed(Block block) {
        boolean drop;
        synchronized (this) {
            drop = strays && !block.isResident() && isComplete(block) && !isNeededSoon(block);
        }
        if (drop) {
            removeBlock(block);
            store.noteLoss(this);
            store.sweep();
        }
    }

    private boolean isComplete(Block block) {
        return (length != UNKNOWN_LENGTH || discarded) && block.filled() == block.capacity();
    }

    /** Removes blocks that were kept for readers who have gone. */
    private void dropStrays() {
        List<Block> unneeded = new ArrayList<>();
        synchronized (this) {
            if (!strays) {
                return;
            }
            strays = false;
            for (Block block : blocks.values()) {
                if (!block.isResident() && isComplete(block)) {
                    if (isNeededSoon(block)) {
                        strays = true;
                    } else {
                        unneeded.add(block);
                    }
                }
            }
        }
        unneeded.forEach(this::removeBlock);
        if (!unneeded.isEmpty()) {
            store.noteLoss(this);
            store.sweep();
        }
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
            if (isPresent(first) || (other != null && other.reachesSoon(first))) {
                return null;
            }
            int until = other == null ? end : Math.min(end, other.endBlock());
            if (other != null) {
                other.endBefore(first);
            }
            int last = Math.min(until, first + LONGEST_CLAIM);
            int next = first + 1;
            while (next < last && !isPresent(next) && writerOf(next) == null) {
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

    /** The writer that has claimed a block. */
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

    /** Content of unknown length has ended, in this block if it is not at a block's edge. */
    void endAt(long total, @Nullable Block last) {
        length = total;
        if (last != null) {
            int size = last.filled();
            Block trimmed = new Block(this, last.index(), store.memory().allocate(size), size);
            trimmed.memory().setBytes(0, last.memory(), 0, size);
            Block replaced = blocks.put(last.index(), trimmed);
            if (replaced != null) {
                replaced.release();
            }
            last.release();
        }
        Metadata known = metadata;
        metadata = new Metadata(key, known.response(), total, known.validationRequired());
        if (listed && !discarded) {
            storeWhole();
        }
    }

    /** Puts what is in the table into the tiers. */
    private void storeWhole() {
        createOnDisk();
        if (length == 0 && !blocks.containsKey(0)) {
            // gives metadata without content a weight, so that it can be evicted
            blocks.put(0, new Block(this, 0, store.memory().allocate(0), 0));
        }
        for (Block block : List.copyOf(blocks.values())) {
            if (isComplete(block) && block.tryRetain()) {
                completed(block);
                block.release();
            }
        }
    }

    void createOnDisk() {
        onDisk = store.disk().create(id, MetadataCodec.encode(metadata));
    }

    /** Read back from disk. */
    void restored() {
        onDisk = true;
    }

    /** Requests can find it from now on. */
    void listed() {
        listed = true;
        if (length != UNKNOWN_LENGTH) {
            storeWhole();
        }
        if (discarded) {
            // in the meantime, by another thread
            listed = false;
            store.disk().remove(id);
        }
    }

    /** Requests can no longer find it; it ends with its last reader. */
    void discarded() {
        listed = false;
        discarded = true;
        boolean wasOnDisk = onDisk;
        onDisk = false;
        if (wasOnDisk) {
            store.disk().remove(id);
        }
        for (Block block : blocks.values()) {
            store.memory().discard(block);
        }
        settle();
    }

    /** Frees what nobody is left to want. */
    private void settle() {
        boolean over;
        synchronized (this) {
            over = discarded && readers.isEmpty() && writers.length == 0;
            strays |= discarded;
        }
        if (over) {
            blocks.values().forEach(this::removeBlock);
        } else {
            dropStrays();
        }
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

    /** Looks again for an octet, and has the reader told when it comes. */
    Await await(EntryReader reader, int index, int offset) {
        EntryWriter writer;
        synchronized (this) {
            Block block = blocks.get(index);
            if ((block != null && block.filled() > offset) || reader.position() >= lengthOrMax()) {
                return Await.READY;
            }
            writer = writerOf(index);
            if (writer != null && writer.reachesSoon(index)) {
                writer.await(reader);
            } else if (loading.containsKey(index)) {
                loading.get(index).add(reader);
                return Await.WAITING;
            } else if (block == null && isReadableFromDisk(index)) {
                loading.put(index, new ArrayList<>(List.of(reader)));
                writer = null;
            } else {
                return Await.MISSING;
            }
        }
        if (writer == null) {
            load(index);
        } else {
            advanced(reader);
        }
        return Await.WAITING;
    }

    private void load(int index) {
        store.disk().readBlock(id, index).whenComplete((octets, failure) -> {
            if (octets != null) {
                promote(index, octets);
            }
            List<EntryReader> waiters;
            synchronized (this) {
                waiters = loading.remove(index);
                if (octets == null) {
                    unreadable.add(index);
                }
            }
            if (waiters != null) {
                waiters.forEach(EntryReader::drain);
            }
        });
    }

    private void promote(int index, ByteBuf octets) {
        int capacity = blockCapacity(index);
        if (octets.readableBytes() != capacity) {
            octets.release();
            return;
        }
        StoreMetrics.BLOCKS_FROM_DISK.inc();
        Block block = new Block(this, index, store.memory().adopt(octets, capacity), capacity);
        if (blocks.putIfAbsent(index, block) != null) {
            block.release();
        } else if (discarded) {
            keepForReaders(block);
        } else {
            admit(block);
        }
    }

    void readerGone(EntryReader reader) {
        List<EntryWriter> unwanted = new ArrayList<>(1);
        synchronized (this) {
            readers.remove(reader);
            for (EntryWriter writer : writers) {
                if (!isWanted(writer)) {
                    unwanted.add(writer);
                }
            }
        }
        unwanted.forEach(EntryWriter::unwanted);
        settle();
    }

    boolean wants(EntryWriter writer) {
        synchronized (this) {
            return isWanted(writer);
        }
    }

    /** Whether somebody wants what a writer has yet to bring, and is near enough to be worth its waiting. */
    private boolean isWanted(EntryWriter writer) {
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
