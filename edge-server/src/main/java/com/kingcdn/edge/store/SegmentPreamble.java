package com.kingcdn.edge.store;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The first 64 octets of a segment: which one it is, twice over, so that one wrong octet does not cost a segment.
 *
 * @param segment its number
 * @param stamp random, of this segment alone. Records are known by it: who makes content that looks like a record does not know it
 */
record SegmentPreamble(long segment, long stamp) {

    static final int BYTES = 64;

    private static final int MAGIC = 0x4B434453; // "KCDS"
    private static final int COPY = BYTES / 2;
    private static final int CHECKED = COPY - Integer.BYTES;

    ByteBuffer encoded() {
        ByteBuffer octets = ByteBuffer.allocate(BYTES);
        for (int start = 0; start < BYTES; start += COPY) {
            octets.putInt(MAGIC).putInt(Records.VERSION).putLong(segment).putLong(stamp);
            octets.putInt(0).putInt(Records.checksum(octets, start, CHECKED));
        }
        return octets.flip();
    }

    /** Takes the preamble of a segment from the buffer's start; null when neither copy is one. */
    static @Nullable SegmentPreamble from(ByteBuffer source, long segment) {
        for (int start = 0; start + COPY <= source.limit() && start < BYTES; start += COPY) {
            if (source.getInt(start) == MAGIC
                    && source.getInt(start + 4) == Records.VERSION
                    && source.getLong(start + 8) == segment
                    && source.getInt(start + CHECKED) == Records.checksum(source, start, CHECKED)) {
                return new SegmentPreamble(segment, source.getLong(start + 16));
            }
        }
        return null;
    }
}
