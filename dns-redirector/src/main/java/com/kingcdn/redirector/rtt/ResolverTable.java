package com.kingcdn.redirector.rtt;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * The resolvers that ask, with how much each of them does: counts that halve every half hour, so that who asks no more is left out.
 * Bounded: when there is no room those who ask least are forgotten. Pure, for one thread at a time.
 */
final class ResolverTable {

    static final long HALF_LIFE_MILLIS = 1_800_000;

    /** With less, who has asked is forgotten: a single query lasts for two hours. */
    private static final double LEAST = 1.0 / 16;

    private final int most;
    private final Map<InetAddress, double[]> counts = new HashMap<>();
    private long decayedAtMillis;

    /** @param most how many are known at most */
    ResolverTable(int most, long nowMillis) {
        this.most = most;
        this.decayedAtMillis = nowMillis;
    }

    void asked(InetAddress resolver, int queries) {
        double[] known = counts.get(resolver);
        if (known != null) {
            known[0] += queries;
            return;
        }
        // half of them go, so that this is seldom
        if (counts.size() >= most) {
            List<InetAddress> ranked = ranked(most / 2);
            counts.keySet().retainAll(new HashSet<>(ranked));
        }
        counts.put(resolver, new double[] {queries});
    }

    /** Lets time pass. */
    void decay(long nowMillis) {
        double factor = Math.pow(0.5, (double) (nowMillis - decayedAtMillis) / HALF_LIFE_MILLIS);
        decayedAtMillis = nowMillis;
        counts.values().forEach(count -> count[0] *= factor);
        counts.values().removeIf(count -> count[0] < LEAST);
    }

    /**
     * Those that ask most, the most frequent first. The order is by powers of two and then by address, since a list that changes with
     * each query would have to be sent again and again.
     */
    List<InetAddress> ranked(int limit) {
        List<Map.Entry<InetAddress, double[]>> all = new ArrayList<>(counts.entrySet());
        all.sort(Comparator.<Map.Entry<InetAddress, double[]>>comparingInt(
                        entry -> -Math.getExponent(entry.getValue()[0]))
                .thenComparing(entry -> entry.getKey().getAddress(), ResolverTable::compare));
        return all.stream().limit(limit).map(Map.Entry::getKey).toList();
    }

    private static int compare(byte[] left, byte[] right) {
        return left.length == right.length
                ? Arrays.compareUnsigned(left, right)
                : Integer.compare(left.length, right.length);
    }

    int size() {
        return counts.size();
    }
}
