package com.kingcdn.redirector.registry;

import org.jspecify.annotations.Nullable;

/** A configuration file that is refused as a whole; the message begins with the file and, where known, the line. */
public final class ConfigFileException extends RuntimeException {

    public ConfigFileException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
