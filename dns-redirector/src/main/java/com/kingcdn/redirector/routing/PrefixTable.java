package com.kingcdn.redirector.routing;

/**
 * An immutable map from the prefixes of one address family to small numbers, read by longest-prefix match.
 *
 * <p>The table is a trie of stride 6 in the manner of Poptrie (Asai and Ohara, SIGCOMM 2015): a node holds one bitmap of the slots
 * which lead to another node and one of the slots where a new leaf begins, so that a step is two population counts and a run of equal
 * leaves costs one entry. Prefixes are disjoint after compilation, and every address has a value: a leaf also knows the width of its
 * prefix, and how much wider the prefix is in which other values come to the same answer, which is how far an answer that was made for
 * one address holds for its neighbours.
 */
public final class PrefixTable {

    static final int STRIDE = 6;
    static final int MAX_VALUE = (1 << 30) - 1;

    /** Two words a node: slots that lead to a child, slots where a leaf run begins. */
    private final long[] bitmaps;
    /** Two words a node: index of its first child, index of its first leaf. */
    private final int[] bases;

    private final long[] leaves;
    private final Sizes sizes;

    /** How many nodes a binary trie and this table of it have, and how many leaf runs. */
    record Sizes(int trieNodes, int nodes, int leaves) {}

    /** The arrays may be longer than what is in use of them. */
    PrefixTable(long[] bitmaps, int[] bases, long[] leaves, Sizes sizes) {
        this.bitmaps = bitmaps;
        this.bases = bases;
        this.leaves = leaves;
        this.sizes = sizes;
    }

    /**
     * The leaf that holds an address; read it with {@link #value}, {@link #width} and {@link #scope}.
     *
     * @param high the first 64 bits of the address; an IPv4 address stands in the upper half, the rest is zero
     * @param low the last 64 bits, 0 for IPv4
     */
    public long find(long high, long low) {
        int node = 0;
        int offset = 0;
        while (true) {
            int slot = slot(high, low, offset);
            long bit = 1L << slot;
            long children = bitmaps[2 * node];
            if ((children & bit) == 0) {
                long starts = bitmaps[2 * node + 1] & (bit | (bit - 1));
                return leaves[bases[2 * node + 1] + Long.bitCount(starts) - 1];
            }
            node = bases[2 * node] + Long.bitCount(children & (bit - 1));
            offset += STRIDE;
        }
    }

    /** What a leaf maps to. */
    public static int value(long leaf) {
        return (int) leaf;
    }

    /** How many leading bits all addresses of a leaf share, from 0 to 32 or 128. */
    public static int width(long leaf) {
        return (int) (leaf >>> 32) & 255;
    }

    /** How many leading bits all addresses share whose values have the same answer as this leaf's: at most its width. */
    public static int scope(long leaf) {
        return (int) (leaf >>> 40);
    }

    static long leaf(int value, int width, int scope) {
        return (long) scope << 40 | (long) width << 32 | value;
    }

    /** The six bits from the offset on; zeros stand past bit 127. */
    static int slot(long high, long low, int offset) {
        if (offset <= 58) {
            return (int) (high >>> (58 - offset)) & 63;
        }
        if (offset == 60) {
            return (int) ((high & 15) << 2 | low >>> 62);
        }
        int shift = 122 - offset;
        return (int) (shift >= 0 ? low >>> shift : low << -shift) & 63;
    }

    /** How many leaf runs the table holds. */
    public int size() {
        return sizes.leaves();
    }

    Sizes sizes() {
        return sizes;
    }
}
