package com.kingcdn.edge.store;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Numbers and checksums of the disk format, version 2 (docs/adr/0004-disk-tier-format.md). */
final class Records {

    /** The longest metadata a record can hold, in octets. */
    static final int MAX_METADATA = 64 << 10;

    static final byte VERSION = 2;

    private Records() {}

    /** The CRC-32C of the buffer's remaining octets; its position stays. */
    static int checksum(ByteBuffer octets) {
        CRC32C crc = new CRC32C();
        crc.update(octets.duplicate());
        return (int) crc.getValue();
    }

    /** The CRC-32C of {@code length} octets from {@code offset}; position and limit stay. */
    static int checksum(ByteBuffer octets, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(octets.duplicate().limit(offset + length).position(offset));
        return (int) crc.getValue();
    }
}
