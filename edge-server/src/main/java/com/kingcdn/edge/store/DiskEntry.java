package com.kingcdn.edge.store;

import org.jspecify.annotations.Nullable;

/** What memory knows of one entry on disk: where its records are. Safe for use by several threads. */
final class DiskEntry {

    private final EntryId id;
    private final BlockTable blocks = new BlockTable();
    private long metadata = Location.NONE;
    private int metadataLength;
    private volatile boolean pinned;
    private volatile boolean removed;

    DiskEntry(EntryId id) {
        this.id = id;
    }

    /** A record's place and the length of its payload. */
    record Place(long location, int length) {}

    EntryId id() {
        return id;
    }

    boolean pinned() {
        return pinned;
    }

    void setPinned(boolean pinned) {
        this.pinned = pinned;
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

    synchronized void setMetadata(long location, int length) {
        metadata = location;
        metadataLength = length;
    }

    synchronized boolean hasBlock(int block) {
        return blocks.location(block) != Location.NONE;
    }

    synchronized @Nullable Place block(int block) {
        long location = blocks.location(block);
        return location == Location.NONE ? null : new Place(location, blocks.length(block));
    }

    synchronized int[] blocks() {
        return blocks.numbers(location -> true);
    }

    synchronized int[] blocksIn(long segment) {
        return blocks.numbers(location -> Location.segment(location) == segment);
    }

    synchronized boolean hasBlocksOutside(long segment) {
        return blocksIn(segment).length < blocks.count();
    }

    synchronized boolean metadataIn(long segment) {
        return metadata != Location.NONE && Location.segment(metadata) == segment;
    }

    synchronized void putBlock(int block, int length, long location) {
        blocks.put(block, length, location);
    }

    /** Forgets a block, unless it has moved from that place meanwhile. */
    synchronized void forgetBlock(int block, long location) {
        if (blocks.location(block) == location) {
            blocks.remove(block);
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
        return blocks.removeIf(location -> Location.segment(location) == segment);
    }

    /** Octets its records take, headers included. */
    synchronized long recordBytes() {
        return blocks.recordBytes() + (metadata == Location.NONE ? 0 : RecordHeader.BYTES + metadataLength);
    }
}
