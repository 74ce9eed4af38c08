package com.kingcdn.http;

import org.jspecify.annotations.Nullable;

/** A table of short strings that recur, so that each is in memory once. It forgets at will, and a race between threads costs a copy. */
public final class SharedStrings {

    /** Longer ones seldom recur, and would let others fill the table with their own. */
    private static final int LONGEST = 64;

    private final @Nullable String[] slots;

    /** With this many slots, a power of two. */
    public SharedStrings(int size) {
        slots = new String[size];
    }

    /** An equal string: one that was shared before, if that is remembered. */
    public String share(String text) {
        if (text.length() > LONGEST) {
            return text;
        }
        int hash = text.hashCode();
        int slot = (hash ^ (hash >>> 16)) & (slots.length - 1);
        String known = slots[slot];
        if (text.equals(known)) {
            return known;
        }
        slots[slot] = text;
        return text;
    }
}
