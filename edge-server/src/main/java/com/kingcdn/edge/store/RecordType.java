package com.kingcdn.edge.store;

import org.jspecify.annotations.Nullable;

/** What a record in a segment says. The codes are part of the disk format. */
enum RecordType {
    METADATA(1, Records.MAX_METADATA),
    BLOCK(2, Blocks.SIZE),
    /** The entry is gone: nothing older about it counts. */
    REMOVAL(3, 0);

    private final byte code;
    private final int maxLength;

    RecordType(int code, int maxLength) {
        this.code = (byte) code;
        this.maxLength = maxLength;
    }

    byte code() {
        return code;
    }

    boolean allowsLength(int length) {
        return length >= 0 && length <= maxLength;
    }

    static @Nullable RecordType of(byte code) {
        return switch (code) {
            case 1 -> METADATA;
            case 2 -> BLOCK;
            case 3 -> REMOVAL;
            default -> null;
        };
    }
}
