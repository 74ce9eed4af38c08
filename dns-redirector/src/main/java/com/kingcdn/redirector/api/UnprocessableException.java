package com.kingcdn.redirector.api;

/** A request that is well formed and cannot be done (RFC 9110 section 15.5.21). */
final class UnprocessableException extends RuntimeException {

    private final String pointer;

    /** @param pointer where in the body, as an RFC 6901 pointer */
    UnprocessableException(String pointer, String message) {
        super(message);
        this.pointer = pointer;
    }

    String pointer() {
        return pointer;
    }
}
