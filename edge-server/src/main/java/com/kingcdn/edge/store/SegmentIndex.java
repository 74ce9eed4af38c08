package com.kingcdn.edge.store;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What seals a segment: the headers of its records, each with the record's offset in the place of its magic. Opening reads nothing else
 * of the segment. Belongs to the writer thread.
 */
final class SegmentIndex {

    private ByteBuffer headers = ByteBuffer.allocate(64 * RecordHeader.BYTES);

    /** Octets of the index. */
    int bytes() {
        return headers.position();
    }

    void add(RecordHeader header, long offset) {
        int start = headers.position();
        if (headers.remaining() < RecordHeader.BYTES) {
            headers = ByteBuffer.wrap(Arrays.copyOf(headers.array(), 2 * headers.capacity()))
                    .position(start);
        }
        header.putInto(headers);
        headers.putInt(start, (int) offset);
    }

    /** The whole of it, to be read. */
    ByteBuffer octets() {
        return headers.duplicate().flip();
    }

    /**
     * Gives all headers of an index.
     *
     * @param octets whose checksum was right
     */
    static void visit(ByteBuffer octets, SegmentReader.RecordVisitor visitor) {
        for (int start = 0; start + RecordHeader.BYTES <= octets.limit(); start += RecordHeader.BYTES) {
            RecordHeader header = RecordHeader.at(octets, start);
            if (header != null) {
                visitor.record(header, octets.getInt(start));
            }
        }
    }
}
