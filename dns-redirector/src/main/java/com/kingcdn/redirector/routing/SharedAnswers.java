package com.kingcdn.redirector.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The decision which neighbours have one answer, so that resolvers cache fewer: for each part of the address space its first cluster.
 *
 * <p>Of all ways to cut the address space into prefixes with one answer each, it takes the cheapest. A prefix costs its {@link SharingTerms#price},
 * since resolvers have to cache its answer, if anything in it is measured: that is where queries come from. Its clients cost what their cluster is dearer
 * than their best one, and a move costs them what it takes to move anybody ({@link Wish#reluctance}). None gets a cluster that its
 * {@link Wish} does not allow. All is weighted by demand, in measured prefixes; what lies between them is taken for a tenth of them in
 * all. So a measured prefix among unmeasured networks has what is best for itself, and so have these.
 *
 * <p>The optimum is found in one pass up the trie, as trees are pruned (Chou, Lookabaugh and Gray, 1989): a node has the sum of what is
 * below it for each cluster that all below it allow, and is cut if its halves cost less by themselves.
 *
 * <p>A second pass with the same wishes moves nobody: any other way would have been cheaper before, since a detour over two moves costs
 * no less than the one move. For the same reason the aim stays while rounds approach it.
 */
final class SharedAnswers {

    /** The demand of all that is not measured, as a share of what is. */
    private static final double UNMEASURED = 0.1;

    private static final double ROUNDING = 1e-9;

    /** What is known of the values that the tries hold. */
    interface Values {

        Wish wish(int value);

        /** How long the measured prefix is that the value is of; below 0 for none. */
        int measured(int value);

        /** The first cluster of an address until now, or -1. */
        int before(boolean isIpv4, long high, long low);

        /** What a value becomes that has got this first cluster. */
        int with(int value, int cluster);
    }

    /**
     * A part of the trie: for each cluster that all in it allow what it would cost.
     *
     * @param asking the measured part of its demand
     * @param best what the best way costs
     */
    @SuppressWarnings("ArrayRecordComponent")
    private record Part(int[] clusters, double[] costs, double asking, double best) {

        double shared(double price) {
            double least = Double.POSITIVE_INFINITY;
            for (double cost : costs) {
                least = Math.min(least, cost);
            }
            return price * Math.min(1, asking) + least;
        }

        int cheapest() {
            int at = 0;
            for (int i = 1; i < costs.length; i++) {
                at = costs[i] < costs[at] ? i : at;
            }
            return clusters[at];
        }
    }

    /** @param leaf its number in the order of the walk */
    private record Move(int leaf, double gain, double demand) {}

    private static final int[] NO_CLUSTERS = {};
    private static final double[] NO_COSTS = {};

    private final Values values;
    private final int measured;
    private final double price;
    private final Map<Long, Part> leaves = new HashMap<>();
    private final List<Move> moves = new ArrayList<>();
    private final List<Family> families = new ArrayList<>();
    private int leafCount;

    /**
     * @param measured how many prefixes are
     * @param price of an answer, see {@link SharingTerms}
     */
    SharedAnswers(Values values, int measured, double price) {
        this.values = values;
        this.measured = measured;
        this.price = price;
    }

    /** Finds the aim for a family. */
    void add(boolean isIpv4, PrefixTableBuilder trie) {
        Family family = new Family(isIpv4, trie, leafCount);
        trie.fold(family::leaf, family::node);
        trie.rewrite(family::enter, family::note);
        leafCount = family.walked;
        families.add(family);
    }

    /** Gives all leaves their first cluster: of those that have to move for it only as many as may in one round, who gain most first. */
    RemapRound apply(MeasuredLayer.Damping damping) {
        moves.sort(Comparator.comparingDouble(Move::gain).reversed().thenComparingInt(Move::leaf));
        double limit = damping.limit(measured) * (1 + ROUNDING);
        double moved = 0;
        double waiting = 0;
        BitSet waits = new BitSet(leafCount);
        for (Move move : moves) {
            if (waiting > 0 || (moved > 0 && moved + move.demand() > limit)) {
                waits.set(move.leaf());
                waiting += move.demand();
            } else {
                moved += move.demand();
            }
        }
        for (Family family : families) {
            family.walked = family.firstLeaf;
            family.trie.rewrite(family::enter, (value, above, at) -> family.give(value, above, at, waits));
        }
        return new RemapRound(measured, (int) Math.round(moved), (int) Math.ceil(waiting));
    }

    private double demand(int value, int width) {
        int length = values.measured(value);
        return length < 0 ? UNMEASURED * measured * Math.scalb(1.0, -width) : Math.scalb(1.0, length - width);
    }

    /**
     * Of a value and the cluster until now, for a demand of 1. Kept for places, of which each has many parts; a measured prefix has few, and
     * there are more of them than there is room for.
     */
    private Part leaf(int value, int before) {
        return values.measured(value) >= 0
                ? part(values.wish(value), before)
                : leaves.computeIfAbsent((long) value << 32 | (before + 1), key -> part(values.wish(value), before));
    }

    private static Part part(Wish wish, int before) {
        boolean stays = before >= 0 && wish.allows(before, true);
        int[] clusters = new int[wish.size()];
        int count = 0;
        for (int i = 0; i < clusters.length; i++) {
            int cluster = wish.cluster(i);
            if (wish.allows(cluster, stays && cluster == before)) {
                clusters[count++] = cluster;
            }
        }
        clusters = Arrays.copyOf(clusters, count);
        Arrays.sort(clusters);
        double[] costs = new double[count];
        for (int i = 0; i < count; i++) {
            boolean free = before < 0 || clusters[i] == before;
            costs[i] = wish.loss(clusters[i]) + (free ? 0 : wish.reluctance());
        }
        return new Part(clusters, costs, 1, 0);
    }

    private final class Family {

        private final boolean isIpv4;
        private final PrefixTableBuilder trie;
        private final int firstLeaf;
        /** By node of the trie: the one cluster of all below it, or -1 for several. */
        private final int[] aims;

        private int walked;

        Family(boolean isIpv4, PrefixTableBuilder trie, int firstLeaf) {
            this.isIpv4 = isIpv4;
            this.trie = trie;
            this.firstLeaf = firstLeaf;
            this.aims = new int[trie.nodes()];
            this.walked = firstLeaf;
        }

        Part leaf(int value, PrefixTableBuilder.Place at) {
            Part one = SharedAnswers.this.leaf(value, values.before(isIpv4, at.high(), at.low()));
            double demand = demand(value, at.width());
            double[] costs = new double[one.costs().length];
            double least = Double.POSITIVE_INFINITY;
            for (int i = 0; i < costs.length; i++) {
                costs[i] = demand * one.costs()[i];
                least = Math.min(least, costs[i]);
            }
            double asking = values.measured(value) < 0 ? 0 : demand;
            return new Part(one.clusters(), costs, asking, price * Math.min(1, asking) + least);
        }

        Part node(int node, Part first, Part second) {
            int[] clusters = new int[Math.min(first.clusters().length, second.clusters().length)];
            double[] costs = new double[clusters.length];
            int count = 0;
            int j = 0;
            for (int i = 0; i < first.clusters().length; i++) {
                int cluster = first.clusters()[i];
                while (j < second.clusters().length && second.clusters()[j] < cluster) {
                    j++;
                }
                if (j < second.clusters().length && second.clusters()[j] == cluster) {
                    clusters[count] = cluster;
                    costs[count++] = first.costs()[i] + second.costs()[j];
                }
            }
            clusters = count == 0 ? NO_CLUSTERS : Arrays.copyOf(clusters, count);
            costs = count == 0 ? NO_COSTS : Arrays.copyOf(costs, count);
            double cut = first.best() + second.best();
            Part whole = new Part(clusters, costs, first.asking() + second.asking(), cut);
            double shared = whole.shared(price);
            boolean isShared = shared <= cut * (1 + ROUNDING);
            aims[node] = isShared ? whole.cheapest() : -1;
            return isShared ? new Part(clusters, costs, whole.asking(), shared) : whole;
        }

        int enter(int node, int above) {
            return above >= 0 ? above : aims[node];
        }

        /** Notes who has to move, and leaves the value as it is. */
        int note(int value, int above, PrefixTableBuilder.Place at) {
            int before = values.before(isIpv4, at.high(), at.low());
            int aim = aim(value, above, before);
            if (before >= 0 && aim != before) {
                Wish wish = values.wish(value);
                moves.add(new Move(walked, wish.loss(before) - wish.loss(aim), demand(value, at.width())));
            }
            walked++;
            return value;
        }

        int give(int value, int above, PrefixTableBuilder.Place at, BitSet waits) {
            int before = values.before(isIpv4, at.high(), at.low());
            return values.with(value, waits.get(walked++) ? before : aim(value, above, before));
        }

        private int aim(int value, int above, int before) {
            return above >= 0 ? above : SharedAnswers.this.leaf(value, before).cheapest();
        }
    }
}
