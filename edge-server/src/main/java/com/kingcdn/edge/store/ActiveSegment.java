package com.kingcdn.edge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The segment that is written to. Records gather in a buffer and go to the file many at a time; the index that will seal the segment
 * is put together meanwhile. Belongs to the writer thread.
 */
final class ActiveSegment {

    /** Octets gathered before they are written. */
    static final int STAGE_BYTES = 1 << 20;

    private final Segment segment;
    private final ByteBuffer stage;
    private final SegmentIndex index = new SegmentIndex();
    private final List<Staged> staged = new ArrayList<>();

    /**
     * Continues a segment behind what it has.
     *
     * @param stage of {@link #STAGE_BYTES}; used by one active segment at a time
     */
    ActiveSegment(Segment segment, ByteBuffer stage) {
        this.segment = segment;
        this.stage = stage.clear();
    }

    /** Learns how the writing of a record ended. */
    interface Outcome {
        /** The record can be read back from there. */
        void written(Segment segment, long location);

        /** The record is not there and will not be. */
        void failed();
    }

    private record Staged(long location, Outcome outcome) {}

    Segment segment() {
        return segment;
    }

    /** Octets of the file if it were sealed now. */
    long sealedBytes() {
        return segment.length() + stage.position() + index.bytes() + SegmentTrailer.BYTES;
    }

    /** Takes up a record that is in the file already, for the index. */
    void readmit(RecordHeader header, long offset) {
        index.add(header, offset);
    }

    /** The headers of all records so far, in the form of {@link SegmentIndex}. */
    ByteBuffer headers() {
        return index.octets();
    }

    void append(RecordHeader header, ByteBuffer payload, Outcome outcome) throws IOException {
        if (stage.remaining() < header.recordBytes()) {
            flush();
        }
        long offset = segment.length() + stage.position();
        staged.add(new Staged(Location.of(segment.number(), offset), outcome));
        header.putInto(stage);
        stage.put(payload.duplicate());
        index.add(header, offset);
    }

    /** Writes what has gathered and tells the outcome of each record. */
    void flush() throws IOException {
        if (stage.position() > 0) {
            segment.append(stage.flip());
            stage.clear();
            staged.forEach(record -> record.outcome.written(segment, record.location));
            staged.clear();
        }
    }

    /** Writes the index and the trailer, and waits until all is on stable storage. */
    void seal() throws IOException {
        flush();
        ByteBuffer octets = index.octets();
        ByteBuffer trailer = ByteBuffer.allocate(SegmentTrailer.BYTES);
        new SegmentTrailer(
                        segment.number(),
                        segment.stamp(),
                        segment.length(),
                        octets.remaining(),
                        Records.checksum(octets))
                .putInto(trailer);
        segment.append(octets);
        segment.append(trailer.flip());
        segment.force();
    }

    /** Gives up what has gathered. */
    void abandon() {
        stage.clear();
        List<Staged> lost = List.copyOf(staged);
        staged.clear();
        lost.forEach(record -> record.outcome.failed());
    }
}
