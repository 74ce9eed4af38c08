package com.kingcdn.edge.policy;

import org.jspecify.annotations.Nullable;

/** A number of seconds as RFC 9111 section 1.2.2 writes it: digits and nothing else. */
final class DeltaSeconds {

    private DeltaSeconds() {}

    /** The number, at most {@link CacheControl#MOST_SECONDS}; {@link CacheControl#ABSENT} for anything that is none. */
    static long parse(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return CacheControl.ABSENT;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return CacheControl.ABSENT;
            }
            value = Math.min(CacheControl.MOST_SECONDS, value * 10 + digit);
        }
        return value;
    }
}
