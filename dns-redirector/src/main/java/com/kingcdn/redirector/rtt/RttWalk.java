package com.kingcdn.redirector.rtt;

import com.kingcdn.redirector.pace.ShortTurns;
import com.kingcdn.redirector.routing.MeasuredPaths;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One walk through all that is measured: measured prefixes in the order of their addresses and, before two or more that lie in one wider
 * prefix of {@link Levels}, the sum of them. What a prefix has not measured itself it has from the one around it, with a part of the
 * evidence. Makes no object for a path, since there are tens of millions. For one use.
 */
final class RttWalk {

    /** The share of its evidence with which a covering prefix's measurement stands for another cluster's missing one. */
    static final double INHERITED = 0.5;

    private final NavigableMap<IpPrefix, PathTable> tables;
    private final int[] places;
    private final int clusters;
    private final long nowMillis;
    private final BiConsumer<IpPrefix, MeasuredPaths> consumer;

    /** The prefixes around the one that is looked at, the widest first, and what is known of each. */
    private final List<IpPrefix> covering = new ArrayList<>();

    /** So many are in use as prefixes are covering; the others are for the next ones. */
    private final List<MeasuredPaths> known = new ArrayList<>();

    private final MeasuredPaths part;
    private final PathSum[] sums;

    /** @param clusters in the order in which the consumer wants them */
    RttWalk(RttMap map, long nowMillis, List<String> clusters, BiConsumer<IpPrefix, MeasuredPaths> consumer) {
        this.tables = map.tables();
        this.places = map.places(clusters);
        this.clusters = clusters.size();
        this.nowMillis = nowMillis;
        this.consumer = consumer;
        part = new MeasuredPaths(this.clusters);
        sums = new PathSum[this.clusters];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = new PathSum();
        }
    }

    void run() {
        // values alone: entries are objects made for each call
        Iterator<PathTable> all = tables.values().iterator();
        @Nullable PathTable next = next(all);
        while (next != null) {
            PathTable table = next;
            next = next(all);
            IpPrefix prefix = table.prefix();
            while (!covering.isEmpty() && !holds(covering.get(covering.size() - 1), prefix)) {
                covering.remove(covering.size() - 1);
            }
            for (int width : Levels.sums(prefix.isIpv4())) {
                // one part alone tells too little of the others
                if (prefix.length() > width
                        && narrowest() < width
                        && next != null
                        && prefix.sharesBits(next.prefix(), width)) {
                    sumAround(IpPrefix.of(prefix.address(), width), prefix);
                }
            }
            MeasuredPaths paths = free();
            table.copyTo(paths, places, nowMillis);
            hand(prefix, paths);
        }
    }

    /** The next one in which anything counts, or null: the others are as if nothing had been measured. */
    private @Nullable PathTable next(Iterator<PathTable> all) {
        while (all.hasNext()) {
            PathTable table = all.next();
            if (table.tells(nowMillis)) {
                return table;
            }
        }
        return null;
    }

    private static boolean holds(IpPrefix around, IpPrefix prefix) {
        return around.length() < prefix.length() && around.contains(prefix);
    }

    private int narrowest() {
        return covering.isEmpty() ? -1 : covering.get(covering.size() - 1).length();
    }

    /** Room for the paths of the next prefix, in which nothing is known. */
    private MeasuredPaths free() {
        if (known.size() == covering.size()) {
            known.add(new MeasuredPaths(clusters));
        }
        MeasuredPaths free = known.get(covering.size());
        free.clear();
        return free;
    }

    private void hand(IpPrefix prefix, MeasuredPaths paths) {
        if (!covering.isEmpty()) {
            paths.inherit(known.get(covering.size() - 1), INHERITED);
        }
        covering.add(prefix);
        ShortTurns.step();
        consumer.accept(prefix, paths);
    }

    /** Sums the parts of a prefix up. */
    private void sumAround(IpPrefix around, IpPrefix first) {
        for (PathSum sum : sums) {
            sum.clear();
        }
        for (PathTable table : tables.tailMap(first).values()) {
            if (!around.contains(table.prefix())) {
                break;
            }
            ShortTurns.step();
            part.clear();
            table.copyTo(part, places, nowMillis);
            for (int cluster = 0; cluster < clusters; cluster++) {
                sums[cluster].add(part, cluster);
            }
        }
        MeasuredPaths paths = free();
        double share = Levels.share(around);
        for (int cluster = 0; cluster < clusters; cluster++) {
            sums[cluster].meanTo(paths, cluster, share);
        }
        hand(around, paths);
    }
}
