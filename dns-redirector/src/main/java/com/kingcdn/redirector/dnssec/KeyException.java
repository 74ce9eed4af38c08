package com.kingcdn.redirector.dnssec;

import org.jspecify.annotations.Nullable;

/** Keys of a zone that cannot be read, written or used: the message says which and what to do. */
public final class KeyException extends RuntimeException {

    private static final long serialVersionUID = 1;

    KeyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
