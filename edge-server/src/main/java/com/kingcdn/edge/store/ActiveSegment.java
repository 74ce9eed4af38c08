package com.kingcdn.edge.store;

import java.io.ByteArrayOutputStream;
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
    private final ByteArrayOutputStream index = new ByteArrayOutputStream();
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
        return segment.length() + stage.position() + index.size() + SegmentTrailer.BYTES;
    }

    /** Takes up a record that is in the file already, for the index. */
    void readmit(RecordHeader header, byte[] metadata) {
        index(header, ByteBuffer.wrap(metadata));
    }

    void append(RecordHeader header, ByteBuffer payload, Outcome outcome) throws IOException {
        if (stage.remaining() < header.recordBytes()) {
            flush();
        }
        staged.add(new Staged(Location.of(segment.number(), segment.length() + stage.position()), outcome));
        header.putInto(stage);
        stage.put(payload.duplicate());
        index(header, payload.duplicate());
    }

    private void index(RecordHeader header, ByteBuffer payload) {
        byte[] octets = new byte[RecordHeader.BYTES];
        header.putInto(ByteBuffer.wrap(octets));
        index.writeBytes(octets);
        if (header.type() == RecordType.METADATA) {
            byte[] metadata = new byte[payload.remaining()];
            payload.get(metadata);
            index.writeBytes(metadata);
        }
    }

    /** Writes what has gathered and tells the outcome of each record. */
    void flush() throws IOException {
        if (stage.position() > 0) {
            segment.append(stage.flip());
            stage.clear();
            List<Staged> done = List.copyOf(staged);
            staged.clear();
            done.forEach(record -> record.outcome.written(segment, record.location));
        }
    }

    /** Writes the index and the trailer, and waits until all is on stable storage. */
    void seal() throws IOException {
        flush();
        long dataLength = segment.length();
        ByteBuffer octets = ByteBuffer.wrap(index.toByteArray());
        ByteBuffer trailer = ByteBuffer.allocate(SegmentTrailer.BYTES);
        new SegmentTrailer(segment.number(), dataLength, octets.remaining(), Records.checksum(octets)).putInto(trailer);
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
