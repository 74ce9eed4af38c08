package com.kingcdn.edge.store;

/**
 * The arithmetic of blocks: a stored body is cut into pieces of {@link #SIZE} octets, numbered from 0; only the last may be shorter.
 * Offsets and lengths are in octets.
 */
public final class Blocks {

    /** Octets in every block but the last of a body: 256 KiB. */
    public static final int SIZE = 256 << 10;

    /** The longest body that blocks can number, in octets (512 TiB). */
    public static final long MAX_LENGTH = (long) Integer.MAX_VALUE * SIZE;

    private Blocks() {}

    /** The block which holds the octet at this offset. */
    public static int at(long offset) {
        return Math.toIntExact(offset / SIZE);
    }

    /** The offset of a block's first octet. */
    public static long start(int block) {
        return (long) block * SIZE;
    }

    /** How many blocks a body of this length has; 0 for an empty one. */
    public static int count(long bodyLength) {
        return Math.toIntExact((bodyLength + SIZE - 1) / SIZE);
    }

    /** How many octets this block of a body of this length has. */
    public static int length(int block, long bodyLength) {
        return (int) Math.min(SIZE, bodyLength - start(block));
    }
}
