package com.kingcdn.edge.store;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What stands before each payload in a segment, 48 octets with a checksum of their own.
 *
 * @param segment number of the segment it was written to, so that what a file system recycles is never taken for ours
 * @param pinned meaningful for metadata only
 * @param block number of the block, 0 for other types
 * @param length of the payload in octets
 * @param checksum CRC-32C of the payload
 */
record RecordHeader(long segment, RecordType type, boolean pinned, EntryId id, int block, int length, int checksum) {

    static final int BYTES = 48;

    private static final int MAGIC = 0x4B434452; // "KCDR"
    private static final int CHECKED = BYTES - Integer.BYTES;
    private static final short PINNED = 1;

    /** Octets of the whole record. */
    int recordBytes() {
        return BYTES + length;
    }

    boolean matches(ByteBuffer payload) {
        return payload.remaining() == length && Records.checksum(payload) == checksum;
    }

    /** Puts the header at the buffer's position. */
    void putInto(ByteBuffer target) {
        int start = target.position();
        target.putInt(MAGIC)
                .put(Records.VERSION)
                .put(type.code())
                .putShort(pinned ? PINNED : 0)
                .putLong(id.high())
                .putLong(id.low())
                .putInt(block)
                .putInt(length)
                .putInt(checksum)
                .putLong(segment);
        target.putInt(Records.checksum(target, start, CHECKED));
    }

    /** Takes a header from the buffer's position, which moves behind it; null when what is there is no valid header. */
    static @Nullable RecordHeader takeFrom(ByteBuffer source) {
        if (source.remaining() < BYTES) {
            return null;
        }
        int start = source.position();
        source.position(start + BYTES);
        if (source.getInt(start) != MAGIC
                || source.get(start + 4) != Records.VERSION
                || source.getInt(start + CHECKED) != Records.checksum(source, start, CHECKED)) {
            return null;
        }
        RecordType type = RecordType.of(source.get(start + 5));
        int block = source.getInt(start + 24);
        int length = source.getInt(start + 28);
        if (type == null || block < 0 || !type.allowsLength(length)) {
            return null;
        }
        return new RecordHeader(
                source.getLong(start + 36),
                type,
                (source.getShort(start + 6) & PINNED) != 0,
                new EntryId(source.getLong(start + 8), source.getLong(start + 16)),
                block,
                length,
                source.getInt(start + 32));
    }
}
