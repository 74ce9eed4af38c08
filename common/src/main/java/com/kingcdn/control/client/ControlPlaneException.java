package com.kingcdn.control.client;

import org.jspecify.annotations.Nullable;

/** The control plane cannot be reached, refuses, or does not speak the contract. The message says where and what to do. */
public final class ControlPlaneException extends RuntimeException {

    private final int status;

    ControlPlaneException(String message, int status, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** The HTTP status of the refusal; 0 when there was no answer. */
    public int status() {
        return status;
    }
}
