package com.kingcdn.edge.store;

import org.jspecify.annotations.Nullable;

/**
 * What memory knows of one entry on disk: where its records are, and what its metadata says without being read. Safe for all threads.
 *
 * <p>It is the table of its blocks itself, since there are millions: what it inherits is to be called by itself only, under its lock.
 */
final class DiskEntry extends BlockTable {

    /** Kept from eviction. */
    static final int PINNED = 1;

    /** It has to be validated before it is used, whatever the metadata says. */
    static final int STALE = 2;

    /** Its metadata is read at the start. */
    static final int EAGER = 4;

    private final long idHigh;
    private final long idLow;

    /** In {@link DiskIndex}, which guards these. */
    @Nullable
    DiskEntry nextById;

    @Nullable
    DiskEntry nextByKey;

    boolean cold;

    private boolean recovered;

    private volatile long keyHash;
    private long metadata = Location.NONE;
    private int metadataLength;
    private volatile int flags;
    private volatile boolean removed;

    DiskEntry(EntryId id) {
        this.idHigh = id.high();
        this.idLow = id.low();
    }

    /** A record's place and the length of its payload. */
    record Place(long location, int length) {}

    EntryId id() {
        return new EntryId(idHigh, idLow);
    }

    boolean is(EntryId id) {
        return id.low() == idLow && id.high() == idHigh;
    }

    long idHash() {
        return idHigh ^ idLow;
    }

    static long idHash(EntryId id) {
        return id.high() ^ id.low();
    }

    /** Of the key, see {@link DiskMetadata}; never changes once it is known. */
    long keyHash() {
        return keyHash;
    }

    void setKeyHash(long value) {
        keyHash = value;
    }

    int flags() {
        return flags;
    }

    synchronized void setFlags(int value) {
        flags = value;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    synchronized void set(int flag, boolean value) {
        flags = value ? flags | flag : flags & ~flag;
    }

    boolean pinned() {
        return has(PINNED);
    }

    void setPinned(boolean value) {
        set(PINNED, value);
    }

    /** Whether it was found at the start and is nobody's yet, since not all has been read; of the writer thread. */
    boolean isRecovered() {
        return recovered;
    }

    void recovered(boolean value) {
        recovered = value;
    }

    /** Whether the entry has been removed: then nothing of it may be written any more. */
    boolean removed() {
        return removed;
    }

    void setRemoved() {
        removed = true;
    }

    synchronized @Nullable Place metadata() {
        return metadata == Location.NONE ? null : new Place(metadata, metadataLength);
    }

    synchronized long metadataLocation() {
        return metadata;
    }

    synchronized void setMetadata(long location, int length) {
        metadata = location;
        metadataLength = length;
    }

    synchronized boolean hasBlock(int block) {
        return location(block) != Location.NONE;
    }

    synchronized @Nullable Place block(int block) {
        long location = location(block);
        return location == Location.NONE ? null : new Place(location, length(block));
    }

    synchronized int[] blocks() {
        return numbers(location -> true);
    }

    synchronized int[] blocksIn(long segment) {
        return numbers(location -> Location.segment(location) == segment);
    }

    synchronized boolean hasBlocksOutside(long segment) {
        return blocksIn(segment).length < count();
    }

    synchronized boolean metadataIn(long segment) {
        return metadata != Location.NONE && Location.segment(metadata) == segment;
    }

    synchronized void putBlock(int block, int length, long location) {
        put(block, length, location);
    }

    /** Forgets a block, unless it has moved from that place meanwhile. */
    synchronized void forgetBlock(int block, long location) {
        if (location(block) == location) {
            remove(block);
        }
    }

    /**
     * Forgets everything in a segment.
     *
     * @return the numbers of the blocks that were there
     */
    synchronized int[] forgetSegment(long segment) {
        if (metadataIn(segment)) {
            metadata = Location.NONE;
        }
        return removeIf(location -> Location.segment(location) == segment);
    }

    /** Octets its records take in a segment, headers included. */
    synchronized long recordBytesIn(long segment) {
        long octets = metadataIn(segment) ? RecordHeader.BYTES + metadataLength : 0;
        for (int block : blocksIn(segment)) {
            octets += RecordHeader.BYTES + length(block);
        }
        return octets;
    }

    /** Octets its records take, headers included. */
    @Override
    synchronized long recordBytes() {
        return super.recordBytes() + (metadata == Location.NONE ? 0 : RecordHeader.BYTES + metadataLength);
    }
}
