package com.kingcdn.redirector.registry;

/** A change that contradicts what is there already: an identifier or host taken, or an object that is not ours to change. */
public final class ConflictException extends RuntimeException {

    private final String pointer;

    /**
     * @param pointer where in the configuration file, as an RFC 6901 pointer, such as {@code /clusters/2/nodes}
     * @param message what contradicts what, and what to do
     */
    public ConflictException(String pointer, String message) {
        super(message);
        this.pointer = pointer;
    }

    public String pointer() {
        return pointer;
    }
}
