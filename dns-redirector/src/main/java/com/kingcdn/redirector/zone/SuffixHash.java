package com.kingcdn.redirector.zone;

import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The hash of a name in wire form, made from its end, so that one pass over a name has the hash of each of its suffixes. Letters count
 * without case. Its multiplier is drawn with each start, so that nobody can look for names that collide.
 */
final class SuffixHash {

    private static final long MULTIPLIER = new SecureRandom().nextLong() | 1;

    private SuffixHash() {}

    /** The hash of what one octet and a suffix make; that of no octets is 0. */
    static long step(long suffix, byte octet) {
        return (suffix + lower(octet) + 1) * MULTIPLIER;
    }

    static long of(byte[] name, int offset, int length) {
        long hash = 0;
        for (int i = offset + length - 1; i >= offset; i--) {
            hash = step(hash, name[i]);
        }
        return hash;
    }

    /** Where to look first in a table, whose size is a power of two. */
    static int slot(long hash, int size) {
        return (int) (hash >>> 32) & (size - 1);
    }

    /** The size of a table for so many, at most half of which is taken. */
    static int tableSize(int count) {
        return Integer.highestOneBit(Math.max(4, count)) << 2;
    }

    /** ASCII letters in lower case; a label's length is below 64 and so never taken for a letter. */
    static int lower(byte octet) {
        return octet >= 'A' && octet <= 'Z' ? octet + 32 : octet;
    }

    /** Whether octets of a message, in any case, are those of a name in lower case. */
    static boolean isName(byte[] message, int offset, int length, byte[] name, int start) {
        if (Arrays.equals(message, offset, offset + length, name, start, start + length)) {
            return true;
        }
        for (int i = 0; i < length; i++) {
            if (lower(message[offset + i]) != name[start + i]) {
                return false;
            }
        }
        return true;
    }
}
