package com.kingcdn.redirector.transfer;

import java.io.IOException;

/** What came from a primary is no transfer that can be taken; the message says why. */
final class TransferException extends IOException {

    private static final long serialVersionUID = 1;

    private final boolean wholeMayDo;

    private TransferException(String message, boolean wholeMayDo) {
        super(message);
        this.wholeMayDo = wholeMayDo;
    }

    /** Nothing can be had from this primary now. */
    TransferException(String message) {
        this(message, false);
    }

    /** An increment cannot be had, or does not fit what we have. */
    static TransferException ofIncrement(String message) {
        return new TransferException(message, true);
    }

    /** Whether the whole zone may be had where the increment was not. */
    boolean wholeMayDo() {
        return wholeMayDo;
    }
}
