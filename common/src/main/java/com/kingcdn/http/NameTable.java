package com.kingcdn.http;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The field names seen lately, as they were sent, with their lower-case form, which so is made once and is in memory once. It forgets at
 * will, and a race between threads costs a copy.
 */
final class NameTable {

    /** Longer ones seldom recur, and would let others fill the table with their own. */
    private static final int LONGEST = 64;

    private record Name(String sent, String lower) {}

    private final @Nullable Name[] slots;
    private final SharedStrings lowers;

    /** With this many slots, a power of two. */
    NameTable(int size) {
        slots = new Name[size];
        lowers = new SharedStrings(size);
    }

    /** A name in lower case: the same string as the last time, if that is remembered. */
    String lower(String sent) {
        int hash = sent.hashCode();
        int slot = (hash ^ (hash >>> 16)) & (slots.length - 1);
        Name known = slots[slot];
        if (known != null && known.sent.equals(sent)) {
            return known.lower;
        }
        String lower = lowers.share(sent.toLowerCase(Locale.ROOT));
        if (sent.length() <= LONGEST) {
            slots[slot] = new Name(lower.equals(sent) ? lower : sent, lower);
        }
        return lower;
    }
}
