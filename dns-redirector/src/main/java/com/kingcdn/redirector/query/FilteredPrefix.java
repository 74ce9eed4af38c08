package com.kingcdn.redirector.query;

import com.kingcdn.topology.IpPrefix;

/**
 * A prefix that floods, of whose queries but a random share shall be let in.
 *
 * @param shift one in {@code 1 << shift}, 1 to {@value #MOST_SHIFT}
 */
public record FilteredPrefix(IpPrefix prefix, int shift) {

    static final int MOST_SHIFT = 16;

    public FilteredPrefix {
        if (shift < 1 || shift > MOST_SHIFT) {
            throw new IllegalArgumentException("one in 2^" + shift + " is no share of a flood");
        }
    }

    @Override
    public String toString() {
        return prefix + " (1 in " + (1 << shift) + ")";
    }
}
