package com.kingcdn.redirector.zone;

/** A zone that cannot be served; the message names the file, the line where there is one, and the reason. */
public final class ZoneFileException extends RuntimeException {

    ZoneFileException(String message) {
        super(message);
    }

    ZoneFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
