package com.kingcdn.edge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads back what a segment holds: by the index at its end if it was sealed, by walking its records if it was not. */
final class SegmentReader {

    private SegmentReader() {}

    /** Takes the records of a segment in the order in which they were written. */
    @FunctionalInterface
    interface RecordVisitor {

        /**
         * One record.
         *
         * @param offset of the record in its segment
         * @param metadata the payload when it is metadata, else null
         */
        void record(RecordHeader header, long offset, byte @Nullable [] metadata);
    }

    /**
     * Visits all whole records.
     *
     * @return octets from the start of the segment which hold whole records: where the next could be written
     */
    static long read(Segment segment, RecordVisitor visitor) throws IOException {
        SegmentTrailer trailer = trailer(segment);
        if (trailer != null) {
            ByteBuffer index = ByteBuffer.allocate((int) trailer.indexLength());
            segment.readFully(index, trailer.dataLength());
            index.flip();
            if (Records.checksum(index) == trailer.indexChecksum()) {
                visitIndex(index, visitor);
                return trailer.dataLength();
            }
        }
        return scan(segment, visitor);
    }

    /**
     * Reads one record into the buffer, whose remaining space is the record's size, and leaves it at the payload.
     *
     * @return false, and counted, when what is there is not that record, whole
     */
    static boolean readRecord(Segment segment, long offset, ByteBuffer target, RecordType type, EntryId id, int block)
            throws IOException {
        segment.readFully(target, offset);
        RecordHeader header = RecordHeader.takeFrom(target.flip());
        boolean right = header != null
                && header.segment() == segment.number()
                && header.type() == type
                && header.id().equals(id)
                && header.block() == block
                && header.matches(target);
        if (!right) {
            DiskMetrics.CHECKSUM_FAILURES.inc();
        }
        return right;
    }

    private static @Nullable SegmentTrailer trailer(Segment segment) throws IOException {
        long length = segment.length();
        if (length < SegmentTrailer.BYTES) {
            return null;
        }
        ByteBuffer trailer = ByteBuffer.allocate(SegmentTrailer.BYTES);
        segment.readFully(trailer, length - SegmentTrailer.BYTES);
        return SegmentTrailer.takeFrom(trailer.flip(), segment.number(), length);
    }

    private static void visitIndex(ByteBuffer index, RecordVisitor visitor) {
        long offset = 0;
        while (index.hasRemaining()) {
            RecordHeader header = RecordHeader.takeFrom(index);
            if (header == null) {
                // its checksum was right, so a writer of another version made it: what came before is understood
                return;
            }
            byte @Nullable [] metadata = null;
            if (header.type() == RecordType.METADATA) {
                metadata = new byte[header.length()];
                index.get(metadata);
            }
            visitor.record(header, offset, metadata);
            offset += header.recordBytes();
        }
    }

    /**
     * Walks the records up to the first whose header is torn or wrong. A payload that is wrong costs its own record alone: that of a
     * block is found out when it is read, that of metadata is given as zeros, which are none.
     */
    private static long scan(Segment segment, RecordVisitor visitor) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(RecordHeader.BYTES + Blocks.SIZE);
        long offset = 0;
        while (offset + RecordHeader.BYTES <= segment.length()) {
            segment.readFully(buffer.clear().limit(RecordHeader.BYTES), offset);
            RecordHeader header = RecordHeader.takeFrom(buffer.flip());
            if (header == null
                    || header.segment() != segment.number()
                    || offset + header.recordBytes() > segment.length()) {
                break;
            }
            byte @Nullable [] metadata = null;
            if (header.type() == RecordType.METADATA) {
                metadata = new byte[header.length()];
                segment.readFully(buffer.clear().limit(header.length()), offset + RecordHeader.BYTES);
                if (header.matches(buffer.flip())) {
                    buffer.get(metadata);
                }
            }
            visitor.record(header, offset, metadata);
            offset += header.recordBytes();
        }
        return offset;
    }
}
