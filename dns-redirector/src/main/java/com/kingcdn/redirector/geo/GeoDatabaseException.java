package com.kingcdn.redirector.geo;

/** A geo database that cannot be used; the message names the file and says why. */
public final class GeoDatabaseException extends RuntimeException {

    GeoDatabaseException(String message, Throwable cause) {
        super(message, cause);
    }

    GeoDatabaseException(String message) {
        super(message);
    }
}
