package com.kingcdn.origin;

/** Says that the origin cannot start with what a setting names. */
final class UnusableSettingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String key;

    UnusableSettingException(String key, Exception cause) {
        super(cause.getMessage(), cause);
        this.key = key;
    }

    /** The setting, such as {@code kingcdn.origin.store}. */
    String key() {
        return key;
    }
}
