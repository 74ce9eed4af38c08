package com.kingcdn.redirector.routing;

import java.util.ArrayList;
import java.util.List;

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

    static final double ROUNDING = 1e-9;

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

    private final Values values;
    private final int measured;
    private final double price;
    private final Moves moves = new Moves();
    private final List<Family> families = new ArrayList<>();
    /** How many moves the last walk has met. */
    private int met;

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
        Family family = new Family(isIpv4, trie);
        trie.sum(family);
        trie.rewrite(family::enter, family::note);
        families.add(family);
    }

    /** Gives all leaves their first cluster: of those that have to move for it only as many as may in one round, who gain most first. */
    RemapRound apply(MeasuredLayer.Damping damping) {
        moves.limit(damping.limit(measured));
        for (Family family : families) {
            family.trie.rewrite(family::enter, family::give);
        }
        return new RemapRound(measured, (int) Math.round(moves.moved()), (int) Math.ceil(moves.waiting()));
    }

    private double demand(int value, int width) {
        int length = values.measured(value);
        return length < 0 ? UNMEASURED * measured * Math.scalb(1.0, -width) : Math.scalb(1.0, length - width);
    }

    private final class Family implements PrefixTableBuilder.Summing {

        private final boolean isIpv4;
        private final PrefixTableBuilder trie;
        /** By node of the trie: the one cluster of all below it, or -1 for several. */
        private final int[] aims;

        /** A stack of sums, of which so many are in use. */
        private final List<SharedPart> parts = new ArrayList<>();

        private int depth;
        private final SharedPart alone = new SharedPart();

        Family(boolean isIpv4, PrefixTableBuilder trie) {
            this.isIpv4 = isIpv4;
            this.trie = trie;
            this.aims = new int[trie.nodes()];
        }

        @Override
        public void leaf(int value, long high, long low, int width) {
            SharedPart part = part(depth++);
            part.set(values.wish(value), values.before(isIpv4, high, low));
            part.weigh(demand(value, width), values.measured(value) >= 0, price);
        }

        @Override
        public void node(int node) {
            depth--;
            SharedPart whole = part(depth - 1);
            whole.join(part(depth));
            aims[node] = whole.isShared(price) ? whole.cheapest() : -1;
        }

        private SharedPart part(int at) {
            if (at == parts.size()) {
                parts.add(new SharedPart());
            }
            return parts.get(at);
        }

        int enter(int node, int above) {
            return above >= 0 ? above : aims[node];
        }

        /** Notes who has to move, and leaves the value as it is. */
        int note(int value, int above, long high, long low, int width) {
            int before = values.before(isIpv4, high, low);
            int aim = aim(value, above, before);
            if (before >= 0 && aim != before) {
                Wish wish = values.wish(value);
                moves.add(wish.loss(before) - wish.loss(aim), demand(value, width));
            }
            return value;
        }

        /** In the same order as {@link #note}, so it meets the moves as they are numbered. */
        int give(int value, int above, long high, long low, int width) {
            int before = values.before(isIpv4, high, low);
            int aim = aim(value, above, before);
            boolean stays = before >= 0 && aim != before && moves.waits(met++);
            return values.with(value, stays ? before : aim);
        }

        private int aim(int value, int above, int before) {
            if (above >= 0) {
                return above;
            }
            alone.set(values.wish(value), before);
            return alone.cheapest();
        }
    }
}
