package com.kingcdn.edge.push;

/** Thrown when a path cannot be fetched or kept; the message is for whoever asked for the fill. */
public final class FillFailure extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final boolean retryable;

    /** A failure that may, or will not, go away by trying again. */
    public FillFailure(String message, boolean retryable) {
        super(message, null, false, false);
        this.retryable = retryable;
    }

    boolean retryable() {
        return retryable;
    }
}
