package com.kingcdn.redirector.zone;

/** Records that together are no zone; the message says which name, what is wrong, and where that is written down. */
public final class InvalidZoneException extends RuntimeException {

    InvalidZoneException(String message) {
        super(message);
    }
}
