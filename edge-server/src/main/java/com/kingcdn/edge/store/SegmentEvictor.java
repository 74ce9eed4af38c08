package com.kingcdn.edge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes room by dropping the oldest segments. What is pinned in them is written again at the end of the log, and so is, for up to a
 * quarter of a segment, what was lately of use; an entry whose body lives on elsewhere keeps its metadata. Belongs to the writer
 * thread.
 *
 * <p>The log keeps two segments' worth of the capacity free: a segment that is dropped exists together with the copies of what
 * survives it, which may begin one new segment, until these can be read.
 */
final class SegmentEvictor {

    private static final Logger LOGGER = LoggerFactory.getLogger(SegmentEvictor.class);

    private final SegmentLog log;
    private final DiskIndex index;
    private final DiskTierListener listener;
    private final long mostEntries;
    private final Runnable beforeEviction;

    /** Whether it was said that more is pinned than may be. */
    private boolean overgrown;

    private final ByteBuffer record = ByteBuffer.allocate(RecordHeader.BYTES + Blocks.SIZE);

    /**
     * Of a log.
     *
     * @param mostEntries how many entries may be on disk, about, since each takes some of the heap
     * @param beforeEviction makes known all that is in the log, so that what is pinned is seen to be
     */
    SegmentEvictor(
            SegmentLog log, DiskIndex index, DiskTierListener listener, long mostEntries, Runnable beforeEviction) {
        this.log = log;
        this.index = index;
        this.listener = listener;
        this.mostEntries = mostEntries;
        this.beforeEviction = beforeEviction;
    }

    /** Makes sure that the active segment takes a record of this kind, with room left for the next eviction. */
    void makeRoom(int payloadLength) throws IOException {
        if (log.fits(payloadLength)) {
            return;
        }
        begin();
        Segment oldest = log.oldest();
        while (oldest != null && (log.spare() < needed(payloadLength) || index.size() > mostEntries)) {
            evict(oldest, true, log.segmentSize() / 4);
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

    /** Drops the oldest segment, and nothing of it survives: where the file system is full there is no place to write it to. */
    void dropOldest() throws IOException {
        Segment oldest = log.oldest();
        if (oldest != null) {
            beforeEviction.run();
            drop(oldest);
        }
    }

    private void drop(Segment victim) throws IOException {
        Set<DiskEntry> residents = new LinkedHashSet<>(victim.residents());
        residents.removeIf(DiskEntry::removed);
        residents.forEach(entry -> forget(victim, entry));
        log.drop(victim);
    }

    private void evict(Segment victim, boolean keepPinned, long budget) throws IOException {
        beforeEviction.run();
        Set<DiskEntry> residents = new LinkedHashSet<>(victim.residents());
        residents.removeIf(DiskEntry::removed);
        Set<DiskEntry> kept = keepPinned ? pinned(victim, residents) : Set.of();
        long left = budget;
        for (DiskEntry entry : residents) {
            if (kept.contains(entry)) {
                copyBlocks(victim, entry);
            } else if (left > 0 && listener.recentlyUsed(entry.id())) {
                left -= copyBlocks(victim, entry);
            }
        }
        log.flush();
        for (DiskEntry entry : residents) {
            boolean livesOn = entry.metadataIn(victim.number()) && entry.hasBlocksOutside(victim.number());
            if (livesOn || kept.contains(entry)) {
                copyMetadata(entry);
            }
        }
        log.flush();
        drop(victim);
    }

    /**
     * What of the pinned is kept: all, unless they have grown beyond their half of the capacity. Then as much of them goes, the oldest
     * first, as they have too much.
     */
    private Set<DiskEntry> pinned(Segment victim, Set<DiskEntry> residents) {
        Set<DiskEntry> kept = new HashSet<>();
        long excess = index.pinnedBytes() - log.capacity() / 2;
        if (excess <= 0) {
            overgrown = false;
        }
        for (DiskEntry entry : residents) {
            if (entry.pinned() && excess <= 0) {
                kept.add(entry);
            } else if (entry.pinned()) {
                excess -= entry.recordBytesIn(victim.number());
            }
        }
        return kept;
    }

    private void countPinned(int blocks) {
        DiskMetrics.EVICTED_PINNED_BLOCKS.inc(blocks);
        if (!overgrown) {
            overgrown = true;
            LOGGER.warn(
                    "disk tier: what is pinned has grown beyond half of the capacity ({} of {} octets), so the oldest of it is evicted;"
                            + " give the edge a larger kingcdn.edge.disk.size, or cancel older fills",
                    index.pinnedBytes(),
                    log.capacity());
        }
    }

    /**
     * Writes an entry's metadata again, with the flags that the entry has now.
     *
     * @return false when it cannot be read
     */
    boolean rewriteMetadata(DiskEntry entry) throws IOException {
        log.flush();
        DiskEntry.Place place = entry.metadata();
        if (place != null) {
            makeRoom(place.length());
            // which may have moved it
            place = entry.metadata();
        }
        return place == null || copy(RecordType.METADATA, entry, 0, place);
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

    /** Reads a record into {@link #record}, which is left at its payload; null when it is not there, or cannot be read. */
    private @Nullable RecordHeader read(RecordType type, DiskEntry entry, int block, DiskEntry.Place place) {
        Segment segment = log.segmentOf(place.location());
        if (segment == null) {
            return null;
        }
        record.clear().limit(RecordHeader.BYTES + place.length());
        try {
            return SegmentReader.readRecord(
                    segment, Location.offset(place.location()), record, type, entry.id(), block);
        } catch (IOException e) {
            // a bad place costs what is there: as a failure of the disk it would be met again by each try to come back
            LOGGER.debug("disk tier: reading {} failed", segment.path(), e);
            DiskMetrics.CHECKSUM_FAILURES.inc();
            return null;
        }
    }

    private void forget(Segment victim, DiskEntry entry) {
        int[] gone = entry.forgetSegment(victim.number());
        boolean whole = entry.metadata() == null;
        boolean pinned = entry.pinned();
        if (whole) {
            entry.setRemoved();
            index.remove(entry);
        }
        if (whole || gone.length > 0) {
            DiskMetrics.EVICTED_BLOCKS.inc(gone.length);
            if (pinned) {
                countPinned(gone.length);
            }
            listener.evicted(entry.id(), gone, whole);
        }
    }
}
