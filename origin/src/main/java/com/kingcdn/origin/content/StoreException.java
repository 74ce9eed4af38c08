package com.kingcdn.origin.content;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Locale;

/** Says that content was not stored or removed, and nothing changed. */
public final class StoreException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Kind {
        /** The bytes are not those whose digest was announced. */
        DIGEST_MISMATCH,
        /** Larger than the limit. */
        TOO_LARGE,
        /** The disk, or the quota, is full. */
        NO_SPACE,
        /** What is stored is not what the writer expected to find. */
        CONDITION_FAILED,
        /** The upload was given up. */
        ABORTED,
        /** The disk failed otherwise. */
        IO
    }

    private final Kind kind;

    StoreException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    private StoreException(Kind kind, String message, IOException cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** Java has no type for a full disk; the words are those of strerror(3) for ENOSPC, EDQUOT and EFBIG. */
    static StoreException of(IOException cause) {
        if (cause instanceof ClosedByInterruptException) {
            return new StoreException(Kind.ABORTED, "the upload was given up", cause);
        }
        String words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        boolean full = words.contains("no space left on device")
                || words.contains("quota exceeded")
                || words.contains("file too large");
        return full
                ? new StoreException(Kind.NO_SPACE, "the content store is full", cause)
                : new StoreException(Kind.IO, "the content store failed: " + cause, cause);
    }

    public Kind kind() {
        return kind;
    }
}
