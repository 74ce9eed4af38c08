package com.kingcdn.redirector.routing;

import com.kingcdn.topology.IpPrefix;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The prefixes that one map sends to another cluster than another map does, load left aside. */
public final class MapDiff {

    /**
     * One prefix, as wide as it can be, of one family.
     *
     * @param from id of the cluster that has it, or null for none
     * @param to id of the cluster that would have it, or null for none
     */
    public record Move(IpPrefix prefix, @Nullable String from, @Nullable String to) {}

    /** A run of addresses that is one prefix. */
    private record Run(long high, long low, int width, @Nullable String from, @Nullable String to) {

        /** Whether another one is the second half of a prefix whose first half is this. */
        private boolean isFirstHalfWith(Run second) {
            if (width != second.width
                    || width == 0
                    || !Objects.equals(from, second.from)
                    || !Objects.equals(to, second.to)) {
                return false;
            }
            long bit = width <= 64 ? 1L << (64 - width) : 1L << (128 - width);
            return width <= 64
                    ? (high & bit) == 0 && second.high == (high | bit)
                    : high == second.high && (low & bit) == 0 && second.low == (low | bit);
        }
    }

    private final TrafficDirector before;
    private final TrafficDirector after;
    private final int[] placements;

    private MapDiff(TrafficDirector before, TrafficDirector after, String distribution) {
        this.before = before.withShedding(Shedding.NONE);
        this.after = after.withShedding(Shedding.NONE);
        this.placements = new int[] {before.placement(distribution), after.placement(distribution)};
    }

    /** What moves, in the order of addresses, IPv4 first. Takes as long as a compilation. */
    static List<Move> of(TrafficDirector before, TrafficDirector after, String distribution) {
        MapDiff diff = new MapDiff(before, after, distribution);
        List<Move> moves = new ArrayList<>();
        diff.family(true, moves);
        diff.family(false, moves);
        return moves;
    }

    private void family(boolean isIpv4, List<Move> moves) {
        List<Run> runs = new ArrayList<>();
        long high = 0;
        long low = 0;
        do {
            ClientRoute now = before.route(isIpv4, high, low);
            ClientRoute then = after.route(isIpv4, high, low);
            int width = Math.max(now.width(), then.width());
            @Nullable String from = id(now.choice(placements[0]));
            @Nullable String to = id(then.choice(placements[1]));
            if (!Objects.equals(from, to)) {
                add(runs, new Run(high, low, width, from, to));
            }
            if (width == 0) {
                break;
            }
            if (width <= 64) {
                high += 1L << (64 - width);
            } else {
                low += 1L << (128 - width);
                high += low == 0 ? 1 : 0;
            }
        } while (high != 0 || low != 0);
        runs.forEach(run -> moves.add(new Move(prefix(isIpv4, run), run.from(), run.to())));
    }

    private static @Nullable String id(@Nullable ClusterChoice choice) {
        return choice == null ? null : choice.cluster().cluster().id();
    }

    /** Joins halves as long as there are any. */
    private static void add(List<Run> runs, Run last) {
        Run run = last;
        while (!runs.isEmpty() && runs.get(runs.size() - 1).isFirstHalfWith(run)) {
            Run first = runs.remove(runs.size() - 1);
            run = new Run(first.high(), first.low(), first.width() - 1, first.from(), first.to());
        }
        runs.add(run);
    }

    private static IpPrefix prefix(boolean isIpv4, Run run) {
        byte[] address = isIpv4
                ? ByteBuffer.allocate(4).putInt((int) (run.high() >>> 32)).array()
                : ByteBuffer.allocate(16).putLong(run.high()).putLong(run.low()).array();
        return IpPrefix.of(address, run.width());
    }
}
