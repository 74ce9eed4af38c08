package com.kingcdn.redirector.routing;

import com.kingcdn.redirector.pace.ShortTurns;
import com.kingcdn.topology.IpPrefix;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A binary trie over one address family in which each address has a value at any time, and the compiler of it into a {@link PrefixTable}.
 *
 * <p>Later calls win over earlier ones: paint shorter prefixes first to get longest-prefix semantics. Neighbours that end up with the
 * same value become one leaf, so a leaf's width is the widest prefix with one value. Not thread-safe.
 */
final class PrefixTableBuilder {

    /** Sums up what the trie holds, from the bottom to the top: a stack of sums will do. Addresses are in the form of {@link Addresses}. */
    interface Summing {

        /** One sum more: that of a leaf, at its first address and with so many leading bits that all of it share. */
        void leaf(int value, long high, long low, int width);

        /** The two last sums become one: that of a node, whose number is below {@link #nodes}. */
        void node(int node);
    }

    /** Goes down through a node; what comes of it is handed to both halves. */
    interface Descent {
        int enter(int node, int above);
    }

    /** Gives a leaf a new value. */
    interface Rewriting {
        int value(int value, int above, long high, long low, int width);
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

    /**
     * Another one with what was painted so far.
     *
     * @param like what was compiled from such a one before, whose room it will need again; or null
     */
    PrefixTableBuilder copy(@Nullable PrefixTable like) {
        PrefixTableBuilder copy = new PrefixTableBuilder(0);
        copy.children = Arrays.copyOf(
                children,
                Math.max(2 * used, like == null ? 1024 : 2 * spare(like.sizes().trieNodes())));
        copy.used = used;
        copy.root = root;
        return copy;
    }

    /** Gives all addresses of a prefix one value. */
    void paint(IpPrefix prefix, int value) {
        root = change(root, prefix, prefix.high(), prefix.low(), 0, leafReference(value), null);
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
        root = change(root, prefix, prefix.high(), prefix.low(), 0, 0, operator);
    }

    /** @param operator null when all becomes one leaf */
    private int change(
            int reference,
            IpPrefix prefix,
            long high,
            long low,
            int depth,
            int leaf,
            @Nullable IntUnaryOperator operator) {
        if (depth == prefix.length()) {
            return operator == null ? leaf : changeAll(reference, operator);
        }
        int node = reference >= 0 ? reference : newNode(reference, reference);
        int index = 2 * node + (int) ((depth < 64 ? high >>> (63 - depth) : low >>> (127 - depth)) & 1);
        int changed = change(children[index], prefix, high, low, depth + 1, leaf, operator);
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

    /** Sums all up; in the order of addresses. */
    void sum(Summing summing) {
        sum(root, 0, 0, 0, summing);
    }

    private void sum(int reference, long high, long low, int width, Summing summing) {
        if (reference < 0) {
            ShortTurns.step();
            summing.leaf(~reference, high, low, width);
            return;
        }
        sum(children[2 * reference], high, low, width + 1, summing);
        sum(children[2 * reference + 1], setHigh(high, width), setLow(low, width), width + 1, summing);
        summing.node(reference);
    }

    /** Gives each leaf a new value, in the order of addresses; the descent begins with -1. */
    void rewrite(Descent descent, Rewriting rewriting) {
        root = rewrite(root, -1, 0, 0, 0, descent, rewriting);
    }

    // primitives all the way, since there is a call for each of millions of nodes
    private int rewrite(
            int reference, int above, long high, long low, int width, Descent descent, Rewriting rewriting) {
        if (reference < 0) {
            ShortTurns.step();
            return leafReference(rewriting.value(~reference, above, high, low, width));
        }
        int here = descent.enter(reference, above);
        children[2 * reference] = rewrite(children[2 * reference], here, high, low, width + 1, descent, rewriting);
        children[2 * reference + 1] = rewrite(
                children[2 * reference + 1],
                here,
                setHigh(high, width),
                setLow(low, width),
                width + 1,
                descent,
                rewriting);
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
     * @param like a table of about the same size, so that arrays have it from the beginning; or null
     */
    PrefixTable compile(IntUnaryOperator answer, @Nullable PrefixTable like) {
        this.answer = answer;
        answers = new int[used];
        root = merge(root);
        int nodes = like == null ? 32 : spare(like.sizes().nodes());
        bitmaps = new long[2 * nodes];
        bases = new int[2 * nodes];
        leaves = new long[like == null ? 64 : spare(like.size())];
        pending = new int[nodes];
        scopes = new int[nodes];
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
            ShortTurns.step();
            compileNode(node, depth);
        }
        boolean fits = bases.length <= 2 * spare(nodeCount);
        return new PrefixTable(
                fits && bitmaps.length == bases.length ? bitmaps : Arrays.copyOf(bitmaps, 2 * nodeCount),
                fits ? bases : Arrays.copyOf(bases, 2 * nodeCount),
                leaves.length <= spare(leafCount) ? leaves : Arrays.copyOf(leaves, leafCount),
                new PrefixTable.Sizes(used, nodeCount, leafCount));
    }

    /** A sixteenth more. */
    private static int spare(int size) {
        return size + size / 16 + 32;
    }

    private int merge(int reference) {
        if (reference < 0) {
            return reference;
        }
        ShortTurns.step();
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
