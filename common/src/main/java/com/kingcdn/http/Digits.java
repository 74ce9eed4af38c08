package com.kingcdn.http;

/** Strings of decimal digits, as HTTP's numbers are: no sign, no space, any length. */
final class Digits {

    /** Not digits. */
    static final long NONE = -2;

    private Digits() {}

    /** The number; {@link Long#MAX_VALUE} for one larger than that, {@link #NONE} for no digits or anything else among them. */
    static long parse(String text, int from, int to) {
        if (from >= to) {
            return NONE;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return NONE;
            }
            value = value > (Long.MAX_VALUE - digit) / 10 ? Long.MAX_VALUE : value * 10 + digit;
        }
        return value;
    }
}
