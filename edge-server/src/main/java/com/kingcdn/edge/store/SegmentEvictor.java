package com.kingcdn.edge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes room by dropping the oldest segments. What is pinned in them is written again at the end of the log, and so is, for up to a
 * quarter of a segment, what was lately of use; an entry whose body lives on elsewhere keeps its metadata. Belongs to the writer
 * thread.
 *
 * <p>The log keeps two segments' worth of the capacity free: a segment that is dropped exists together with the copies of what
 * survives it, which may begin one new segment, until these can be read.
 */
final class SegmentEvictor {

    private final SegmentLog log;
    private final DiskIndex index;
    private final DiskTierListener listener;
    private final long mostEntries;
    private final ByteBuffer record = ByteBuffer.allocate(RecordHeader.BYTES + Blocks.SIZE);

    /**
     * Of a log.
     *
     * @param mostEntries how many entries may be on disk, about, since each takes some of the heap
     */
    SegmentEvictor(SegmentLog log, DiskIndex index, DiskTierListener listener, long mostEntries) {
        this.log = log;
        this.index = index;
        this.listener = listener;
        this.mostEntries = mostEntries;
    }

    /** Makes sure that the active segment takes a record of this kind, with room left for the next eviction. */
    void makeRoom(int payloadLength) throws IOException {
        if (log.fits(payloadLength)) {
            return;
        }
        begin();
        boolean keepPinned = index.pinnedBytes() <= log.capacity() / 2;
        Segment oldest = log.oldest();
        while (oldest != null && (log.spare() < needed(payloadLength) || index.size() > mostEntries)) {
            evict(oldest, keepPinned, log.segmentSize() / 4);
            oldest = log.oldest();
        }
        if (!log.fits(payloadLength)) {
            begin();
        }
    }

    /** Two segments; and a third to begin, if what survived has filled the active one. */
    private long needed(int payloadLength) {
        return (log.fits(payloadLength) ? 2 : 3) * log.segmentSize();
    }

    /** Begins a new segment, whatever that costs. */
    void begin() throws IOException {
        Segment oldest = log.oldest();
        while (oldest != null && !log.canRoll()) {
            evict(oldest, false, 0);
            oldest = log.oldest();
        }
        log.roll();
    }

    /** Drops the oldest segment, and nothing of it survives. */
    void dropOldest() throws IOException {
        Segment oldest = log.oldest();
        if (oldest != null) {
            evict(oldest, false, 0);
        }
    }

    private void evict(Segment victim, boolean keepPinned, long budget) throws IOException {
        Set<DiskEntry> residents = Collections.newSetFromMap(new IdentityHashMap<>());
        residents.addAll(victim.residents());
        residents.removeIf(DiskEntry::removed);
        long left = budget;
        for (DiskEntry entry : residents) {
            boolean pinned = keepPinned && entry.pinned();
            boolean recent = !pinned && left > 0 && listener.recentlyUsed(entry.id());
            if (pinned || recent) {
                long copied = copyBlocks(victim, entry);
                left -= recent ? copied : 0;
            }
        }
        log.flush();
        for (DiskEntry entry : residents) {
            if (entry.metadataIn(victim.number()) && entry.hasBlocksOutside(victim.number())) {
                copyMetadata(entry);
            } else if (keepPinned && entry.pinned()) {
                copyMetadata(entry);
            }
        }
        log.flush();
        residents.forEach(entry -> forget(victim, entry));
        log.drop(victim);
    }

    /** Writes an entry's metadata again, with the flags that the entry has now. */
    void rewriteMetadata(DiskEntry entry) throws IOException {
        log.flush();
        DiskEntry.Place place = entry.metadata();
        if (place != null) {
            makeRoom(place.length());
            copy(RecordType.METADATA, entry, 0, place);
        }
    }

    private long copyBlocks(Segment victim, DiskEntry entry) throws IOException {
        long copied = 0;
        for (int block : entry.blocksIn(victim.number())) {
            DiskEntry.Place place = entry.block(block);
            if (place != null && copy(RecordType.BLOCK, entry, block, place)) {
                copied += RecordHeader.BYTES + place.length();
            }
        }
        return copied;
    }

    private void copyMetadata(DiskEntry entry) throws IOException {
        DiskEntry.Place place = entry.metadata();
        if (place != null) {
            copy(RecordType.METADATA, entry, 0, place);
        }
    }

    private boolean copy(RecordType type, DiskEntry entry, int block, DiskEntry.Place place) throws IOException {
        if (entry.removed()) {
            return false;
        }
        if (!log.fits(place.length())) {
            if (!log.canRoll()) {
                return false;
            }
            log.roll();
        }
        RecordHeader header = read(type, entry, block, place);
        if (header == null) {
            return false;
        }
        RecordOutcome outcome = new RecordOutcome(index, listener, entry, type, block, place.length());
        if (type == RecordType.BLOCK) {
            log.appendBlock(entry, block, record, outcome);
        } else {
            log.appendMetadata(entry, header.generation(), record, outcome);
        }
        DiskMetrics.KEPT_RECORDS.inc();
        return true;
    }

    /** Reads a record into {@link #record}, which is left at its payload; null when it is not there. */
    private @Nullable RecordHeader read(RecordType type, DiskEntry entry, int block, DiskEntry.Place place)
            throws IOException {
        Segment segment = log.segmentOf(place.location());
        if (segment == null) {
            return null;
        }
        record.clear().limit(RecordHeader.BYTES + place.length());
        return SegmentReader.readRecord(segment, Location.offset(place.location()), record, type, entry.id(), block);
    }

    private void forget(Segment victim, DiskEntry entry) {
        int[] gone = entry.forgetSegment(victim.number());
        boolean whole = entry.metadata() == null;
        if (whole) {
            entry.setRemoved();
            index.remove(entry);
        }
        if (whole || gone.length > 0) {
            DiskMetrics.EVICTED_BLOCKS.inc(gone.length);
            listener.evicted(entry.id(), gone, whole);
        }
    }
}
