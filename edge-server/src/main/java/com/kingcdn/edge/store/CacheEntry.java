package com.kingcdn.edge.store;

import com.kingcdn.edge.policy.CacheKey;
import com.kingcdn.edge.policy.Lookup;
import com.kingcdn.edge.policy.StoredResponse;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.topology.Distribution;
import io.netty.buffer.ByteBuf;
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
public final class CacheEntry extends EntryReaders implements EntryIndex.Variants {

    /** How far a writer runs ahead of the fastest reader, in octets: 2 MiB. */
    public static final int READ_AHEAD = 8 * Blocks.SIZE;

    /** The most that is given out in one piece, in octets: 1 MiB. A slow client keeps as much from being freed, but shares it. */
    public static final int MOST_AT_ONCE = 4 * Blocks.SIZE;

    /** The length of content that ends when upstream says so. */
    public static final long UNKNOWN_LENGTH = -1;

    /*
     * Locking: "this" guards what the layers below, EntryBlocks and EntryOnDisk say. It is held for moments only; while holding
     * it, nothing of the memory tier is called, no reader is run, and no writer's lock is taken.
     */
    private final EntryId id;
    private final CacheStore store;
    private final EntryOnDisk onDisk;
    private final EntryBlocks blocks;

    private volatile int weight;

    private volatile long length;
    private volatile boolean listed;
    private volatile boolean discarded;
    private volatile boolean partsUnavailable;

    CacheEntry(EntryId id, Metadata metadata, CacheStore store) {
        super(metadata);
        this.id = id;
        this.store = store;
        this.length = metadata.length();
        this.weight = metadata.weight();
        this.onDisk = new EntryOnDisk(this, store.disk());
        this.blocks = new EntryBlocks(this, store);
    }

    // --------------------------------------------------------------------------------------------------- metadata

    public EntryId id() {
        return id;
    }

    public CacheKey key() {
        return metadata().key();
    }

    public StoredResponse response() {
        return metadata().response();
    }

    /** The response's fields as clients get them: without Content-Length and Age, which are made anew for each, and without tags. */
    public HeaderFields fieldsToSend() {
        return metadata().fieldsToSend();
    }

    /** The same fields for another cache of a CDN, which has to know the tags. */
    public HeaderFields fieldsForTheCdn() {
        return metadata().fieldsForTheCdn();
    }

    /** The same as the distribution's rules change them. */
    public HeaderFields fieldsToSend(Distribution distribution) {
        return metadata().fieldsToSend(distribution);
    }

    /** What policy is told has been found, made beforehand. */
    public Lookup lookup() {
        return metadata();
    }

    /** Octets of the whole content, or {@link #UNKNOWN_LENGTH} while that is still coming. */
    public long length() {
        return length;
    }

    @Override
    long lengthOrMax() {
        long known = length;
        return known == UNKNOWN_LENGTH ? Long.MAX_VALUE : known;
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
    @Override
    public boolean isRefillable() {
        return isVerifiable() && !partsUnavailable;
    }

    /** Whether octets that come later can be known to be of this very version, in parts or all of them again. */
    public boolean isVerifiable() {
        return metadata().isRefillable();
    }

    /**
     * Takes over what a validation has brought, for this entry's very content (RFC 9111 section 4.3.4).
     *
     * @param admission of the request that it answers: later purges still hold
     */
    public void freshen(StoredResponse updated, Admission admission) {
        change(known -> known.freshened(updated, admission.generation()));
        freshened();
    }

    /** Takes over what a response to HEAD has brought. All purges that were about this entry are looked at again. */
    public void freshen(StoredResponse updated) {
        change(known -> known.freshened(updated, known.generation()));
        freshened();
    }

    private void freshened() {
        onDisk.update();
        if (metadata().weight() != weight) {
            store.weighAgain(this);
        }
    }

    /** About how many octets of heap it takes, as it was when it was last weighed. */
    int weight() {
        return weight;
    }

    /** Weighs it as it is now, one thread at a time. Returns how much heavier it is than before. */
    int weighAgain() {
        int before = weight;
        int now = metadata().weight();
        weight = now;
        return now - before;
    }

    // --------------------------------------------------------------------------------------------- from begin to end

    /** Read back from disk, and listed. */
    void restored() {
        listed = true;
        onDisk.isThere(true);
    }

    /** Requests can find it from now on. */
    void listed() {
        listed = true;
        if (length != UNKNOWN_LENGTH) {
            blocks.store();
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

    /** It leaves the heap for the disk, where requests find it under the same identity; this ends with its last reader. */
    void unloaded() {
        onDisk.isThere(false);
        discarded();
    }

    /** Blocks have left the disk. */
    void evictedFromDisk(boolean whole) {
        if (whole) {
            onDisk.isThere(false);
        }
        store.evictions().noteLoss(this);
    }

    /** The memory tier has given a block up. */
    void evicted(Block block) {
        if (blocks.evicted(block)) {
            store.evictions().noteLoss(this);
        }
    }

    /** Whether, after a loss, nothing is left that would be of use to a request. */
    boolean isHollow() {
        if (isBusy() || onDisk.isThere() || length == 0) {
            return false;
        }
        return blocks.isEmpty() || (!isRefillable() && firstMissing(0, lengthOrMax()) >= 0);
    }

    /** Frees what nobody is left to want. */
    private void settle() {
        boolean over;
        synchronized (this) {
            over = discarded && isUnread() && !isBusy();
        }
        if (over) {
            blocks.clear();
        } else if (blocks.dropStrays()) {
            store.evictions().noteLoss(this);
            store.evictions().sweep();
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

    @Override
    CacheEntry entry() {
        return this;
    }

    @Override
    EntryBlocks blocks() {
        return blocks;
    }

    @Override
    EntryOnDisk onDisk() {
        return onDisk;
    }

    /**
     * The first block that is neither in a tier nor soon brought by a writer, of those that hold a range.
     *
     * @param end offset after the range's last octet
     * @return -1 when there is none
     */
    public int firstMissing(long from, long end) {
        return firstMissingBlock(Blocks.at(from), blocksUpTo(end));
    }

    /**
     * These octets, if they are few and all of them are in memory.
     *
     * @param end offset after the last one, not beyond the content's
     * @return at most {@link #MOST_AT_ONCE} octets, retained for the caller; null when they are more, or not all there
     */
    public @Nullable ByteBuf fromMemory(long from, long end) {
        return end - from <= MOST_AT_ONCE ? blocks.content(from, end, true) : null;
    }

    /** As {@link #fromMemory}, for who has had them brought: that is not counted as use. */
    public @Nullable ByteBuf filled(long from, long end) {
        return end - from <= MOST_AT_ONCE ? blocks.content(from, end, false) : null;
    }

    /** Content of unknown length has ended, in this block if it is not at a block's edge. */
    void endAt(long total, @Nullable Block last) {
        length = total;
        blocks.endIn(last);
        change(known -> known.ofLength(total));
        if (listed && !discarded) {
            blocks.store();
        }
        if (discarded) {
            blocks.withdraw();
        }
    }

    // --------------------------------------------------------------------------------------------------- writers

    @Override
    public synchronized EntryWriter claimAll(boolean resumable) {
        partsUnavailable |= !resumable;
        return super.claimAll(resumable);
    }

    /** A writer has ended. Returns who waited for it. */
    List<EntryReader> writerGone(EntryWriter writer) {
        List<EntryReader> waiters;
        synchronized (this) {
            remove(writer);
            waiters = writer.takeWaiters();
        }
        if (length == UNKNOWN_LENGTH) {
            store.discard(this); // never to be completed
        }
        settle();
        if (isHollow()) {
            store.evictions().noteLoss(this);
        }
        store.evictions().sweep();
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
        EntryReader reader = readLater(from, end, source);
        advanced(reader);
        return reader;
    }

    /** The same of who has something else to read before: for these octets nobody hurries until their turn has come. */
    public EntryReader readLater(long from, long end, BlockSource source) {
        EntryReader reader = new EntryReader(this, from, end, source);
        add(reader);
        return reader;
    }

    /** A reader has done with a block. */
    void passed(Block block) {
        if (blocks.passed(block)) {
            store.evictions().noteLoss(this);
            store.evictions().sweep();
        }
    }

    void readerGone(EntryReader reader) {
        remove(reader);
        settle();
    }

    /**
     * Has all that is brought kept, since somebody will look at it in a moment, or read it.
     *
     * @see #expectNoMore
     */
    public void expectReaders() {
        expectOne();
    }

    /** Ends what {@link #expectReaders} has begun: from now on, what nobody reads is given up. */
    public void expectNoMore() {
        expectOneLess();
        settle();
    }
}
