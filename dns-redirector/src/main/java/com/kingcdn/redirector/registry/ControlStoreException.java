package com.kingcdn.redirector.registry;

import org.jspecify.annotations.Nullable;

/** A change that could not be made durable, or a store that cannot be read. */
public final class ControlStoreException extends RuntimeException {

    /** What is wrong. */
    public enum Kind {
        /** Too many changes are waiting; try again. */
        BUSY,
        /** One change is longer than can be kept: nothing of it is. */
        TOO_LONG,
        /** What it writes to takes nothing at present, and is tried again every few seconds. */
        UNWRITABLE,
        /** Closed, or ended by a defect: nothing is accepted until a restart. */
        STOPPED,
        /** The store's files are not what was written. */
        DAMAGED
    }

    private final Kind kind;

    public ControlStoreException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
