package com.kingcdn.hashing;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Rendezvous hashing (highest random weight; Thaler and Ravishankar 1998), weighted by the logarithm method (Schindelhauer and
 * Schomaker 2005): each node gets a score from the key and its own name, and the order of scores is the order of preference. A node
 * that leaves moves only its own keys.
 */
public final class RendezvousHash {

    private RendezvousHash() {}

    /**
     * All nodes, the most preferred for this key first.
     *
     * @param name identifies a node, the same on every host
     * @param weight above 0; twice the weight owns twice the keys
     */
    public static <N> List<N> rank(
            String key, List<N> nodes, Function<? super N, String> name, ToDoubleFunction<? super N> weight) {
        record Scored<T>(T node, double score, String name) {}
        long keyHash = hash(key);
        return nodes.stream()
                .map(node -> new Scored<N>(
                        node, score(keyHash, hash(name.apply(node)), weight.applyAsDouble(node)), name.apply(node)))
                .sorted(Comparator.<Scored<N>>comparingDouble(scored -> -scored.score())
                        .thenComparing(Scored::name))
                .map(Scored::node)
                .toList();
    }

    /**
     * How much a node wants a key, above 0: the highest of all owns it.
     *
     * @param key its {@link #hash}
     * @param node the {@link #hash} of its name, which can be kept
     */
    public static double score(long key, long node, double weight) {
        // (0, 1): 53 random bits, never 0, so that the logarithm is finite
        double uniform = ((mix(key ^ Long.rotateLeft(node, 32)) >>> 11) + 0.5) * 0x1p-53;
        return -weight / Math.log(uniform);
    }

    /** The same on every host: FNV-1a of the UTF-8 octets, 64 bit, mixed. */
    public static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return mix(hash);
    }

    /** SplitMix64's finaliser. */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
