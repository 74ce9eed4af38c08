package com.kingcdn.edge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments in order of age, the last of which is written to. Any thread may look segments up; all else belongs to the writer
 * thread.
 */
final class SegmentLog {

    private static final Logger LOGGER = LoggerFactory.getLogger(SegmentLog.class);

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final ActiveSegment.Outcome NO_ONE_WAITS = new ActiveSegment.Outcome() {
        @Override
        public void written(Segment segment, long location) {}

        @Override
        public void failed() {}
    };

    private final SegmentFiles files;
    private final long capacity;
    private final long segmentSize;
    private final ConcurrentNavigableMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
    private final ByteBuffer stage = ByteBuffer.allocateDirect(ActiveSegment.STAGE_BYTES);

    /** Abandoned segments whose files may hold more than is known to be written. */
    private final Set<Segment> untrimmed = new LinkedHashSet<>();

    private @Nullable ActiveSegment active;
    private long nextNumber;

    SegmentLog(SegmentFiles files, long capacity) {
        this.files = files;
        this.capacity = capacity;
        this.segmentSize = segmentSize(capacity);
    }

    /** A 32nd of the capacity, within 1 MiB and 64 MiB; above 64 GiB a 1024th, up to 1 GiB, so that open files stay few. */
    static long segmentSize(long capacity) {
        long largest = Math.max(64L << 20, Math.min(1L << 30, capacity / 1024));
        return Math.max(1L << 20, Math.min(largest, capacity / 32));
    }

    /** Takes up a segment that is in the directory. */
    void adopt(Segment segment) {
        segments.put(segment.number(), segment);
        nextNumber = Math.max(nextNumber, segment.number() + 1);
    }

    /** A segment that is in the directory, to be {@link #resume written on}; its headers are to be readmitted first. */
    ActiveSegment reopen(Segment segment) {
        return new ActiveSegment(segment, stage);
    }

    void resume(ActiveSegment reopened) {
        active = reopened;
    }

    /** Deletes every segment in the directory: for a disk that was away while entries may have been purged. */
    void discardAll() throws IOException {
        for (long number : files.list()) {
            files.delete(number);
            nextNumber = number + 1;
        }
    }

    /** The segment that a location is in; null once it has been dropped. */
    @Nullable
    Segment segmentOf(long location) {
        return segments.get(Location.segment(location));
    }

    Map<Long, Segment> segments() {
        return segments;
    }

    long capacity() {
        return capacity;
    }

    long segmentSize() {
        return segmentSize;
    }

    /** Octets in all files. */
    long bytes() {
        return segments.values().stream().mapToLong(Segment::length).sum();
    }

    /** Octets that could be written, beyond what the active segment may still take, without exceeding the capacity. */
    long spare() {
        ActiveSegment open = active;
        long reserved = open == null ? 0 : segmentSize - open.segment().length();
        return capacity - bytes() - Math.max(0, reserved);
    }

    /** Whether the active segment takes a record with a payload of this length. */
    boolean fits(int payloadLength) {
        // its header is in the index once more
        return active != null && active.sealedBytes() + 2 * RecordHeader.BYTES + payloadLength <= segmentSize;
    }

    boolean canRoll() {
        return spare() >= segmentSize;
    }

    /** Seals the active segment and begins the next. */
    void roll() throws IOException {
        seal();
        Segment next = files.create(nextNumber);
        nextNumber++;
        segments.put(next.number(), next);
        active = new ActiveSegment(next, stage);
    }

    private void seal() throws IOException {
        if (active != null) {
            active.seal();
            active = null;
        }
    }

    /** Adds a block to the active segment, which it must fit. */
    void appendBlock(DiskEntry entry, int block, ByteBuffer payload, ActiveSegment.Outcome outcome) throws IOException {
        ActiveSegment open = active();
        int checksum = Records.checksum(payload);
        open.append(
                new RecordHeader(
                        open.segment().stamp(),
                        RecordType.BLOCK,
                        0,
                        entry.id(),
                        block,
                        payload.remaining(),
                        checksum,
                        0,
                        0),
                payload,
                outcome);
    }

    /** Adds an entry's metadata, with the flags it has now. */
    void appendMetadata(DiskEntry entry, long generation, ByteBuffer payload, ActiveSegment.Outcome outcome)
            throws IOException {
        ActiveSegment open = active();
        int checksum = Records.checksum(payload);
        open.append(
                new RecordHeader(
                        open.segment().stamp(),
                        RecordType.METADATA,
                        entry.flags(),
                        entry.id(),
                        0,
                        payload.remaining(),
                        checksum,
                        entry.keyHash(),
                        generation),
                payload,
                outcome);
    }

    /** Records that an entry is gone. */
    void appendRemoval(EntryId id) throws IOException {
        ActiveSegment open = active();
        RecordHeader header = new RecordHeader(
                open.segment().stamp(), RecordType.REMOVAL, 0, id, 0, 0, Records.checksum(NOTHING), 0, 0);
        open.append(header, NOTHING, NO_ONE_WAITS);
    }

    private ActiveSegment active() {
        ActiveSegment open = active;
        if (open == null) {
            throw new IllegalStateException("no active segment");
        }
        return open;
    }

    void flush() throws IOException {
        if (active != null) {
            active.flush();
        }
    }

    /** Waits until all that was appended is on stable storage; sealed segments are already. */
    void force() throws IOException {
        if (active != null) {
            active.flush();
            active.segment().force();
        }
    }

    /** Leaves the active segment as it is, after a failure: what was written before stays readable. */
    void abandonActive() {
        ActiveSegment open = active;
        active = null;
        if (open != null) {
            open.abandon();
            if (open.segment().isEmpty()) {
                discardEmpty(open.segment());
            } else {
                untrimmed.add(open.segment());
            }
        }
    }

    /**
     * Cuts off what failed writes have left in their files. The next start would find it, and entries that nobody knows of now may have been
     * purged by then.
     */
    void trimAbandoned() throws IOException {
        for (Iterator<Segment> each = untrimmed.iterator(); each.hasNext(); each.remove()) {
            Segment segment = each.next();
            segment.truncate(segment.length());
            segment.force();
        }
    }

    /** So that trying a failing disk again and again leaves no trail; a file that stays is written over by the next try. */
    private void discardEmpty(Segment segment) {
        nextNumber = segment.number();
        try {
            drop(segment);
        } catch (IOException e) {
            LOGGER.debug("disk tier: {} cannot be deleted: {}", segment.path(), e.toString());
        }
    }

    /** The oldest segment, unless it is the active one. */
    @Nullable
    Segment oldest() {
        Map.Entry<Long, Segment> first = segments.firstEntry();
        boolean none = first == null || (active != null && first.getValue() == active.segment());
        return none ? null : first.getValue();
    }

    /** Deletes a segment; reads under way find it closed. */
    void drop(Segment segment) throws IOException {
        segments.remove(segment.number());
        untrimmed.remove(segment);
        files.delete(segment.number());
        segment.close();
    }

    /** Closes all files without writing to any. */
    void forgetAll() {
        active = null;
        for (Segment segment : segments.values()) {
            try {
                segment.close();
            } catch (IOException e) {
                LOGGER.debug("disk tier: {} cannot be closed: {}", segment.path(), e.toString());
            }
        }
        segments.clear();
        untrimmed.clear();
    }

    long usableSpace() throws IOException {
        return files.usableSpace();
    }

    void close() throws IOException {
        try {
            seal();
        } finally {
            forgetAll();
            files.close();
        }
    }
}
