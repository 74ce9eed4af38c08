package com.kingcdn.edge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reading of what the directory held at the start, oldest segment first and one at a time, so that the writer thread, to which this
 * belongs, writes in between. Entries it finds are nobody's before all has been read: a later segment may say that they are gone.
 */
final class SegmentRecovery {

    private static final Logger LOGGER = LoggerFactory.getLogger(SegmentRecovery.class);

    private final SegmentFiles files;
    private final SegmentLog log;
    private final DiskIndex index;
    private final Deque<Segment> unread = new ArrayDeque<>();

    /** The headers of the last segment, if that is being written to again. */
    private @Nullable ByteBuffer headersOfLast;

    private long newestGeneration;
    private boolean removalsLost;

    SegmentRecovery(SegmentFiles files, SegmentLog log, DiskIndex index) {
        this.files = files;
        this.log = log;
        this.index = index;
    }

    /**
     * Opens the segments of the latest unbroken run of numbers, and deletes all others: what is older than a missing segment may lack the
     * removals that stood there. So it is with what is older than a segment of another format, or one of which not even the preamble is
     * whole. From then on the log can be written.
     */
    void begin() throws IOException {
        List<Long> numbers = files.list();
        boolean broken = false;
        for (int at = numbers.size() - 1; at >= 0; at--) {
            long number = numbers.get(at);
            broken |= !unread.isEmpty() && unread.getFirst().number() != number + 1;
            Segment segment = broken ? null : files.open(number);
            if (segment != null) {
                unread.addFirst(segment);
                log.adopt(segment);
            } else {
                // at the very end, with nothing in it, it is one that was being made
                removalsLost |= files.size(number) > SegmentPreamble.BYTES;
                broken |= at < numbers.size() - 1;
                files.delete(number);
                LOGGER.info(
                        "disk tier: segment {} is of another format, damaged, or older than one that is: dropped",
                        number);
            }
        }
        if (!unread.isEmpty()) {
            reopen(unread.getLast());
        }
    }

    /** Has the last segment written on, if there is room in it; its headers, which this reads, are entered in their turn. */
    private void reopen(Segment last) {
        ActiveSegment reopened = log.reopen(last);
        try {
            SegmentReader.Outcome outcome = SegmentReader.read(last, reopened::readmit);
            removalsLost |= outcome.gap();
            if (outcome.end() < log.segmentSize() / 2) {
                last.truncate(outcome.end());
                headersOfLast = reopened.headers();
                log.resume(reopened);
            } else if (!outcome.sealed()) {
                seal(last, reopened, outcome.end());
            }
        } catch (IOException | OutOfMemoryError e) {
            LOGGER.debug("disk tier: {} is not written on", last.path(), e);
        }
    }

    /** How many segments are still to be read. */
    int unread() {
        return unread.size();
    }

    /** Reads the next segment into the index. What cannot be read of it is as good as lost, with removals that may have stood there. */
    void readNext() {
        Segment segment = unread.removeFirst();
        SegmentReader.RecordVisitor visitor =
                (header, offset) -> replay(header, Location.of(segment.number(), offset), segment);
        try {
            if (unread.isEmpty() && headersOfLast != null) {
                SegmentIndex.visit(headersOfLast, visitor);
            } else {
                read(segment, visitor);
            }
        } catch (IOException | OutOfMemoryError e) {
            // want of memory too, as of a file's channel: it must not end the writer's thread
            removalsLost = true;
            LOGGER.warn(
                    "disk tier: {} cannot be read ({}); what it holds is fetched again when it is asked for",
                    segment.path(),
                    e.toString());
        }
    }

    private void read(Segment segment, SegmentReader.RecordVisitor visitor) throws IOException {
        SegmentReader.Outcome outcome = SegmentReader.read(segment, visitor);
        removalsLost |= outcome.gap();
        if (!outcome.sealed()) {
            ActiveSegment sealing = new ActiveSegment(segment, ByteBuffer.allocate(0));
            SegmentReader.walk(segment, sealing::readmit);
            seal(segment, sealing, outcome.end());
        }
    }

    /** Gives a segment the index that it lacks; where that fails, it is walked again at the next start. */
    private static void seal(Segment segment, ActiveSegment sealing, long end) {
        try {
            segment.truncate(end);
            sealing.seal();
        } catch (IOException e) {
            LOGGER.debug("disk tier: {} stays without an index", segment.path(), e);
        }
    }

    private void replay(RecordHeader header, long location, Segment segment) {
        if (header.type() == RecordType.REMOVAL) {
            DiskEntry removed = index.get(header.id());
            if (removed != null) {
                forget(removed);
            }
            return;
        }
        DiskEntry entry = index.obtain(header.id());
        entry.recovered(true);
        segment.addResident(entry);
        if (header.type() == RecordType.BLOCK) {
            entry.putBlock(header.block(), header.length(), location);
        } else {
            entry.setMetadata(location, header.length());
            entry.setKeyHash(header.keyHash());
            boolean wasPinned = entry.pinned();
            entry.setFlags(header.flags());
            if (wasPinned || entry.pinned()) {
                index.setPinned(entry, entry.pinned());
            }
            newestGeneration = Math.max(newestGeneration, header.generation());
        }
    }

    private void forget(DiskEntry entry) {
        entry.setRemoved();
        index.remove(entry);
    }

    /** The entries that were found, once all has been read; each is given once. Those without metadata are dropped. */
    List<DiskEntry> takeFound() {
        List<DiskEntry> found = index.all();
        found.removeIf(entry -> !entry.isRecovered());
        for (DiskEntry entry : found) {
            entry.recovered(false);
            if (entry.metadata() == null) {
                forget(entry);
            }
        }
        found.removeIf(DiskEntry::removed);
        return found;
    }

    /** The highest generation of any metadata that was read back; 0 for none. */
    long newestGeneration() {
        return newestGeneration;
    }

    /** Whether there was a hole in what was read, in which there may have been removals. */
    boolean removalsLost() {
        return removalsLost;
    }
}
