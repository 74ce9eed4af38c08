package com.kingcdn.edge.store;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The last 48 octets of a sealed segment: where its index is.
 *
 * @param segment number of the segment
 * @param stamp of the segment
 * @param dataLength octets of preamble and records, which is where the index begins
 * @param indexLength octets of the index, which ends where the trailer begins
 * @param indexChecksum CRC-32C of the index
 */
record SegmentTrailer(long segment, long stamp, long dataLength, long indexLength, int indexChecksum) {

    static final int BYTES = 48;

    private static final int MAGIC = 0x4B434458; // "KCDX"
    private static final int CHECKED = BYTES - Integer.BYTES;

    void putInto(ByteBuffer target) {
        int start = target.position();
        target.putInt(MAGIC)
                .putInt(Records.VERSION)
                .putLong(segment)
                .putLong(stamp)
                .putLong(dataLength)
                .putLong(indexLength)
                .putInt(indexChecksum);
        target.putInt(Records.checksum(target, start, CHECKED));
    }

    /** Takes a trailer from the buffer; null when what is there is not the trailer of this segment in a file of this length. */
    static @Nullable SegmentTrailer takeFrom(ByteBuffer source, long segment, long fileLength) {
        int start = source.position();
        if (source.remaining() < BYTES
                || source.getInt(start) != MAGIC
                || source.getInt(start + 4) != Records.VERSION
                || source.getInt(start + CHECKED) != Records.checksum(source, start, CHECKED)) {
            return null;
        }
        SegmentTrailer trailer = new SegmentTrailer(
                source.getLong(start + 8),
                source.getLong(start + 16),
                source.getLong(start + 24),
                source.getLong(start + 32),
                source.getInt(start + 40));
        boolean fits = trailer.dataLength >= 0
                && trailer.indexLength >= 0
                && trailer.indexLength <= Integer.MAX_VALUE
                && trailer.dataLength + trailer.indexLength + BYTES == fileLength;
        return fits && trailer.segment == segment ? trailer : null;
    }
}
