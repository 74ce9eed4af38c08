package com.kingcdn.edge.store;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What stands before each payload in a segment, 64 octets with a checksum of their own.
 *
 * @param stamp of the segment it was written to, so that neither what a file system recycles nor anybody's content is taken for ours
 * @param flags as in {@link DiskEntry}; 0 for other types than metadata
 * @param block number of the block, 0 for other types
 * @param length of the payload in octets
 * @param checksum CRC-32C of the payload
 * @param keyHash see {@link DiskMetadata}; 0 for other types, as is the next
 * @param generation see {@link DiskMetadata}
 */
record RecordHeader(
        long stamp,
        RecordType type,
        int flags,
        EntryId id,
        int block,
        int length,
        int checksum,
        long keyHash,
        long generation) {

    static final int BYTES = 64;

    /** The first octets of each record. */
    static final int MAGIC = 0x4B434452; // "KCDR"

    private static final int STAMP_AT = 36;
    private static final int CHECKED = BYTES - Integer.BYTES;

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
                .putShort((short) flags)
                .putLong(id.high())
                .putLong(id.low())
                .putInt(block)
                .putInt(length)
                .putInt(checksum)
                .putLong(stamp)
                .putLong(keyHash)
                .putLong(generation);
        target.putInt(Records.checksum(target, start, CHECKED));
    }

    /** Takes a header from the buffer's position, which moves behind it; null when what is there is no valid header. */
    static @Nullable RecordHeader takeFrom(ByteBuffer source) {
        if (source.remaining() < BYTES) {
            return null;
        }
        int start = source.position();
        source.position(start + BYTES);
        boolean valid = source.getInt(start) == MAGIC
                && source.get(start + 4) == Records.VERSION
                && source.getInt(start + CHECKED) == Records.checksum(source, start, CHECKED);
        return valid ? at(source, start) : null;
    }

    /** The header that stands there, as {@link SegmentIndex} has it: without a look at its magic and its checksum. */
    static @Nullable RecordHeader at(ByteBuffer source, int start) {
        RecordType type = RecordType.of(source.get(start + 5));
        int block = source.getInt(start + 24);
        int length = source.getInt(start + 28);
        if (type == null || block < 0 || !type.allowsLength(length)) {
            return null;
        }
        return new RecordHeader(
                source.getLong(start + STAMP_AT),
                type,
                source.getShort(start + 6),
                new EntryId(source.getLong(start + 8), source.getLong(start + 16)),
                block,
                length,
                source.getInt(start + 32),
                source.getLong(start + 44),
                source.getLong(start + 52));
    }

    /** Whether a header of this segment may begin there, at a small cost; the buffer holds {@link #BYTES} from there. */
    static boolean mayBegin(ByteBuffer source, int start, long stamp) {
        return source.getInt(start) == MAGIC && source.getLong(start + STAMP_AT) == stamp;
    }
}
