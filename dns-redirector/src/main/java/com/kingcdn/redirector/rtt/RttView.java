package com.kingcdn.redirector.rtt;

import com.kingcdn.redirector.routing.PathMeasurement;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.topology.IpPrefix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The RTT map at one time, with what prefixes inherit: measured prefixes in the order of their addresses and, before two or more that lie
 * in one wider prefix of {@link Levels}, the sum of them. What a prefix has not measured itself it has from the one around it, with a
 * part of the evidence.
 */
final class RttView implements PathSource {

    /** The share of its evidence with which a covering prefix's measurement stands for another cluster's missing one. */
    static final double INHERITED = 0.5;

    @SuppressWarnings("ArrayRecordComponent")
    private record Around(IpPrefix prefix, @Nullable PathMeasurement[] paths) {}

    private final RttMap map;
    private final long nowMillis;

    RttView(RttMap map, long nowMillis) {
        this.map = map;
        this.nowMillis = nowMillis;
    }

    @Override
    public void forEach(List<String> clusters, BiConsumer<IpPrefix, @Nullable PathMeasurement[]> consumer) {
        int[] places = map.places(clusters);
        List<Map.Entry<IpPrefix, PathTable>> own = new ArrayList<>(map.tables().entrySet());
        Deque<Around> covering = new ArrayDeque<>();
        for (int i = 0; i < own.size(); i++) {
            IpPrefix prefix = own.get(i).getKey();
            while (!covering.isEmpty() && !holds(covering.getFirst().prefix(), prefix)) {
                covering.removeFirst();
            }
            for (int width : Levels.sums(prefix.isIpv4())) {
                if (prefix.length() > width && widest(covering) < width) {
                    IpPrefix around = IpPrefix.of(prefix.address(), width);
                    PathSum[] sums = sums(own, i, around, places, clusters.size());
                    if (sums.length > 0) {
                        hand(around, inherit(covering, means(sums, Levels.share(around))), covering, consumer);
                    }
                }
            }
            @Nullable PathMeasurement[] paths = inherit(covering, new @Nullable PathMeasurement[clusters.size()]);
            own.get(i).getValue().copyTo(paths, places, nowMillis);
            hand(prefix, paths, covering, consumer);
        }
    }

    private static void hand(
            IpPrefix prefix,
            @Nullable PathMeasurement[] paths,
            Deque<Around> covering,
            BiConsumer<IpPrefix, @Nullable PathMeasurement[]> consumer) {
        covering.addFirst(new Around(prefix, paths));
        consumer.accept(prefix, paths);
    }

    private static int widest(Deque<Around> covering) {
        return covering.isEmpty() ? -1 : covering.getFirst().prefix().length();
    }

    private static boolean holds(IpPrefix around, IpPrefix prefix) {
        return around.length() < prefix.length() && around.contains(prefix.address());
    }

    /** By cluster; empty when the prefix has one part only, which tells too little of the others. */
    private PathSum[] sums(
            List<Map.Entry<IpPrefix, PathTable>> own, int from, IpPrefix around, int[] places, int clusters) {
        if (from + 1 >= own.size()
                || !around.contains(own.get(from + 1).getKey().address())) {
            return new PathSum[0];
        }
        PathSum[] sums = new PathSum[clusters];
        for (int i = 0; i < clusters; i++) {
            sums[i] = new PathSum();
        }
        @Nullable PathMeasurement[] part = new @Nullable PathMeasurement[clusters];
        for (int i = from; i < own.size() && around.contains(own.get(i).getKey().address()); i++) {
            Arrays.fill(part, null);
            own.get(i).getValue().copyTo(part, places, nowMillis);
            for (int cluster = 0; cluster < clusters; cluster++) {
                PathMeasurement measured = part[cluster];
                if (measured != null) {
                    sums[cluster].add(measured);
                }
            }
        }
        return sums;
    }

    private static @Nullable PathMeasurement[] means(PathSum[] sums, double share) {
        @Nullable PathMeasurement[] means = new @Nullable PathMeasurement[sums.length];
        for (int i = 0; i < sums.length; i++) {
            means[i] = sums[i].mean(share);
        }
        return means;
    }

    /** Fills what is missing from the prefix around it. */
    private static @Nullable PathMeasurement[] inherit(Deque<Around> covering, @Nullable PathMeasurement[] paths) {
        if (!covering.isEmpty()) {
            @Nullable PathMeasurement[] around = covering.getFirst().paths();
            for (int i = 0; i < paths.length; i++) {
                PathMeasurement measured = around[i];
                if (paths[i] == null && measured != null) {
                    paths[i] = measured.inherited(INHERITED);
                }
            }
        }
        return paths;
    }

    @Override
    public @Nullable KnownPath find(String cluster, IpPrefix client) {
        return map.find(cluster, client, nowMillis);
    }
}
