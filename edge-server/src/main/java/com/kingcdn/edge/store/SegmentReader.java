package com.kingcdn.edge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads back what a segment holds: by the index at its end if it was sealed, by walking its records if it was not. */
final class SegmentReader {

    private static final int WINDOW = 64 << 10;

    private SegmentReader() {}

    /** Takes the records of a segment in the order in which they were written. */
    @FunctionalInterface
    interface RecordVisitor {

        /**
         * One record.
         *
         * @param offset of the record in its segment
         */
        void record(RecordHeader header, long offset);
    }

    /**
     * How a segment was read.
     *
     * @param end octets from the start of the segment up to the end of its last record: where the next could be written
     * @param sealed whether its index is there, right behind
     * @param gap whether there was something between the records that is none: some may be lost, of any type
     */
    record Outcome(long end, boolean sealed, boolean gap) {}

    /** Visits all records. */
    static Outcome read(Segment segment, RecordVisitor visitor) throws IOException {
        SegmentTrailer trailer = trailer(segment);
        if (trailer != null) {
            ByteBuffer index = ByteBuffer.allocate((int) trailer.indexLength());
            segment.readFully(index, trailer.dataLength());
            if (Records.checksum(index.flip()) == trailer.indexChecksum()) {
                SegmentIndex.visit(index, visitor);
                return new Outcome(trailer.dataLength(), true, false);
            }
        }
        Outcome outcome = walk(segment, visitor);
        if (outcome.gap()) {
            DiskMetrics.CHECKSUM_FAILURES.inc();
        }
        return outcome;
    }

    /**
     * Reads one record into the buffer, whose remaining space is the record's size, and leaves it at the payload.
     *
     * @return null, and counted, when what is there is not that record, whole
     */
    static @Nullable RecordHeader readRecord(
            Segment segment, long offset, ByteBuffer target, RecordType type, EntryId id, int block)
            throws IOException {
        segment.readFully(target, offset);
        RecordHeader header = RecordHeader.takeFrom(target.flip());
        boolean right = header != null
                && header.stamp() == segment.stamp()
                && header.type() == type
                && header.id().equals(id)
                && header.block() == block
                && header.matches(target);
        if (!right) {
            DiskMetrics.CHECKSUM_FAILURES.inc();
        }
        return right ? header : null;
    }

    static @Nullable SegmentTrailer trailer(Segment segment) throws IOException {
        long length = segment.length();
        if (length < SegmentPreamble.BYTES + SegmentTrailer.BYTES) {
            return null;
        }
        ByteBuffer trailer = ByteBuffer.allocate(SegmentTrailer.BYTES);
        segment.readFully(trailer, length - SegmentTrailer.BYTES);
        return SegmentTrailer.takeFrom(trailer.flip(), segment.number(), length);
    }

    /**
     * Walks the records, from header to header. Where there should be one and is none, the next one is looked for octet by octet: what is
     * damaged costs its own record alone. A wrong payload is found out when it is read.
     */
    static Outcome walk(Segment segment, RecordVisitor visitor) throws IOException {
        Window window = new Window(segment);
        long end = SegmentPreamble.BYTES;
        boolean gap = false;
        long offset = window.nextHeader(end);
        while (offset >= 0) {
            RecordHeader header = window.header(offset);
            if (header == null || offset + header.recordBytes() > segment.length()) {
                offset = window.nextHeader(offset + 1);
                continue;
            }
            if (offset > end) {
                gap = true;
            }
            visitor.record(header, offset);
            end = offset + header.recordBytes();
            offset = window.nextHeader(end);
        }
        return new Outcome(end, false, gap);
    }

    /** A part of a segment in memory, which moves on as it is walked. */
    private static final class Window {

        private final Segment segment;
        private final ByteBuffer octets = ByteBuffer.allocate(WINDOW).limit(0);
        private long start;

        Window(Segment segment) {
            this.segment = segment;
        }

        /** Where the next header may begin, from an offset on; -1 when nowhere. */
        long nextHeader(long from) throws IOException {
            for (long offset = from; offset + RecordHeader.BYTES <= segment.length(); offset++) {
                if (RecordHeader.mayBegin(octets, at(offset), segment.stamp())) {
                    return offset;
                }
            }
            return -1;
        }

        @Nullable
        RecordHeader header(long offset) throws IOException {
            return RecordHeader.takeFrom(octets.duplicate().position(at(offset)));
        }

        /** The place of an offset in the window, with a header's length behind it. */
        private int at(long offset) throws IOException {
            if (offset < start || offset + RecordHeader.BYTES > start + octets.limit()) {
                octets.clear().limit((int) Math.min(WINDOW, segment.length() - offset));
                segment.readFully(octets, offset);
                octets.flip();
                start = offset;
            }
            return (int) (offset - start);
        }
    }
}
