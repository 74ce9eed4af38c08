package com.kingcdn.redirector.routing;

import com.kingcdn.topology.IpPrefix;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * A binary trie over one address family in which each address has a value at any time, and the compiler of it into a {@link PrefixTable}.
 *
 * <p>Later calls win over earlier ones: paint shorter prefixes first to get longest-prefix semantics. Neighbours that end up with the
 * same value become one leaf, so a leaf's width is the widest prefix with one value. Not thread-safe.
 */
final class PrefixTableBuilder {

    /** Where a leaf is: the first address that it holds, in the form of {@link Addresses}, and how many leading bits all of them share. */
    record Place(long high, long low, int width) {}

    /** Makes of a leaf what is to be summed up. */
    interface LeafFold<S> {
        S of(int value, Place at);
    }

    /** Sums up the halves of a node, whose number is below {@link #nodes}. */
    interface NodeFold<S> {
        S of(int node, S first, S second);
    }

    /** Goes down through a node; what comes of it is handed to both halves. */
    interface Descent {
        int enter(int node, int above);
    }

    /** Gives a leaf a new value. */
    interface Rewriting {
        int value(int value, int above, Place at);
    }

    /** Two references a node; a reference below zero is a leaf and holds the complement of its value. */
    private int[] children = new int[1024];

    private int used;
    private int root;

    // the compiled form, filled breadth first so that the children of a node stand side by side
    private long[] bitmaps = new long[0];
    private int[] bases = new int[0];
    private long[] leaves = new long[0];
    private int nodeCount;
    private int leafCount;
    private int[] pending = new int[0];
    /** By compiled node, the widest prefix above it that has one answer, or -1. */
    private int[] scopes = new int[0];
    /** By node of the trie, the answer that all below it have, or one below zero. */
    private int[] answers = new int[0];

    private IntUnaryOperator answer = IntUnaryOperator.identity();

    /** All addresses have this value at first. */
    PrefixTableBuilder(int value) {
        root = leafReference(value);
    }

    /** Another one with what was painted so far. */
    PrefixTableBuilder copy() {
        PrefixTableBuilder copy = new PrefixTableBuilder(0);
        copy.children = Arrays.copyOf(children, Math.max(1024, 2 * used));
        copy.used = used;
        copy.root = root;
        return copy;
    }

    /** Gives all addresses of a prefix one value. */
    void paint(IpPrefix prefix, int value) {
        int leaf = leafReference(value);
        root = change(root, prefix.address(), 0, prefix.length(), reference -> leaf);
    }

    /** The value that the first address of a prefix has now. */
    int value(IpPrefix prefix) {
        byte[] address = prefix.address();
        int reference = root;
        for (int depth = 0; reference >= 0; depth++) {
            int bit = depth >= 8 * address.length ? 0 : (address[depth >> 3] >> (7 - (depth & 7))) & 1;
            reference = children[2 * reference + bit];
        }
        return ~reference;
    }

    /** Replaces each value within a prefix by a function of it. */
    void transform(IpPrefix prefix, IntUnaryOperator operator) {
        root = change(root, prefix.address(), 0, prefix.length(), reference -> changeAll(reference, operator));
    }

    private int change(int reference, byte[] address, int depth, int length, IntUnaryOperator subtree) {
        if (depth == length) {
            return subtree.applyAsInt(reference);
        }
        int node = reference >= 0 ? reference : newNode(reference, reference);
        int index = 2 * node + ((address[depth >> 3] >> (7 - (depth & 7))) & 1);
        int changed = change(children[index], address, depth + 1, length, subtree);
        children[index] = changed;
        return node;
    }

    private int changeAll(int reference, IntUnaryOperator operator) {
        if (reference < 0) {
            return leafReference(operator.applyAsInt(~reference));
        }
        int left = changeAll(children[2 * reference], operator);
        int right = changeAll(children[2 * reference + 1], operator);
        children[2 * reference] = left;
        children[2 * reference + 1] = right;
        return reference;
    }

    /** More than any node's number. */
    int nodes() {
        return used;
    }

    /** What the leaves sum up to, from the bottom to the top; in the order of addresses. */
    <S> S fold(LeafFold<S> leaf, NodeFold<S> node) {
        return fold(root, 0, 0, 0, leaf, node);
    }

    private <S> S fold(int reference, long high, long low, int width, LeafFold<S> leaf, NodeFold<S> node) {
        if (reference < 0) {
            return leaf.of(~reference, new Place(high, low, width));
        }
        S first = fold(children[2 * reference], high, low, width + 1, leaf, node);
        S second = fold(children[2 * reference + 1], setHigh(high, width), setLow(low, width), width + 1, leaf, node);
        return node.of(reference, first, second);
    }

    /** Gives each leaf a new value, in the order of addresses; the descent begins with -1. */
    void rewrite(Descent descent, Rewriting rewriting) {
        root = rewrite(root, -1, new Place(0, 0, 0), descent, rewriting);
    }

    private int rewrite(int reference, int above, Place at, Descent descent, Rewriting rewriting) {
        if (reference < 0) {
            return leafReference(rewriting.value(~reference, above, at));
        }
        int here = descent.enter(reference, above);
        int width = at.width() + 1;
        Place second = new Place(setHigh(at.high(), at.width()), setLow(at.low(), at.width()), width);
        children[2 * reference] =
                rewrite(children[2 * reference], here, new Place(at.high(), at.low(), width), descent, rewriting);
        children[2 * reference + 1] = rewrite(children[2 * reference + 1], here, second, descent, rewriting);
        return reference;
    }

    private static long setHigh(long high, int bit) {
        return bit < 64 ? high | 1L << (63 - bit) : high;
    }

    private static long setLow(long low, int bit) {
        return bit < 64 ? low : low | 1L << (127 - bit);
    }

    private int newNode(int left, int right) {
        if (2 * used + 2 > children.length) {
            children = Arrays.copyOf(children, children.length * 2);
        }
        children[2 * used] = left;
        children[2 * used + 1] = right;
        return used++;
    }

    private static int leafReference(int value) {
        if (value < 0 || value > PrefixTable.MAX_VALUE) {
            throw new IllegalArgumentException("value " + value + " is not between 0 and " + PrefixTable.MAX_VALUE);
        }
        return ~value;
    }

    /**
     * The table of all that was painted. The builder may go on being used.
     *
     * @param answer what a value comes to for a client, at least 0: it may be the same for several
     */
    PrefixTable compile(IntUnaryOperator answer) {
        this.answer = answer;
        answers = new int[used];
        root = merge(root);
        bitmaps = new long[64];
        bases = new int[64];
        leaves = new long[64];
        pending = new int[64];
        scopes = new int[64];
        leafCount = 0;
        nodeCount = 1;
        pending[0] = root;
        scopes[0] = -1;
        int depth = 0;
        int levelEnd = 1;
        for (int node = 0; node < nodeCount; node++) {
            if (node == levelEnd) {
                depth += PrefixTable.STRIDE;
                levelEnd = nodeCount;
            }
            compileNode(node, depth);
        }
        return new PrefixTable(
                Arrays.copyOf(bitmaps, 2 * nodeCount),
                Arrays.copyOf(bases, 2 * nodeCount),
                Arrays.copyOf(leaves, leafCount));
    }

    private int merge(int reference) {
        if (reference < 0) {
            return reference;
        }
        int left = merge(children[2 * reference]);
        int right = merge(children[2 * reference + 1]);
        children[2 * reference] = left;
        children[2 * reference + 1] = right;
        answers[reference] = answer(left) == answer(right) ? answer(left) : -1;
        return left < 0 && left == right ? left : reference;
    }

    private int answer(int reference) {
        return reference < 0 ? answer.applyAsInt(~reference) : answers[reference];
    }

    private void compileNode(int node, int depth) {
        bases = ensure(bases, 2 * node + 2);
        if (bitmaps.length < bases.length) {
            bitmaps = Arrays.copyOf(bitmaps, bases.length);
        }
        bases[2 * node] = nodeCount;
        bases[2 * node + 1] = leafCount;
        long previous = -1;
        for (int slot = 0; slot < 1 << PrefixTable.STRIDE; slot++) {
            int reference = pending[node];
            int width = depth;
            int scope = scopes[node];
            for (int bit = PrefixTable.STRIDE - 1; bit >= 0 && reference >= 0; bit--) {
                scope = scope(scope, reference, width);
                reference = children[2 * reference + ((slot >> bit) & 1)];
                width++;
            }
            if (reference >= 0) {
                bitmaps[2 * node] |= 1L << slot;
                pending = ensure(pending, nodeCount + 1);
                scopes = ensure(scopes, nodeCount + 1);
                scopes[nodeCount] = scope;
                pending[nodeCount++] = reference;
                continue;
            }
            long leaf = PrefixTable.leaf(~reference, width, scope < 0 ? width : scope);
            if (leaf != previous) {
                bitmaps[2 * node + 1] |= 1L << slot;
                leaves = leaves.length > leafCount ? leaves : Arrays.copyOf(leaves, leaves.length * 2);
                leaves[leafCount++] = leaf;
                previous = leaf;
            }
        }
    }

    private int scope(int above, int reference, int width) {
        return above < 0 && answers[reference] >= 0 ? width : above;
    }

    private static int[] ensure(int[] array, int length) {
        return array.length >= length ? array : Arrays.copyOf(array, Math.max(length, array.length * 2));
    }
}
