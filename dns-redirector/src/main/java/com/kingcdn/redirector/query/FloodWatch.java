package com.kingcdn.redirector.query;

import com.kingcdn.topology.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The prefixes that ask so much more than they may have that others would wait for it, and the share of their queries that is enough to
 * see.
 *
 * <p>Between two looks a random sample is kept of the addresses whose answers are withheld or who send what is no query, and of all others
 * too while something is filtered. A look counts it for each level of the {@link PrefixPyramid}, the narrowest first, each without what the
 * narrower ones keep away: a prefix of which still more than four times its rate is left floods. Between twice and four times its rate is
 * let in, a random choice: the limiter withholds at least half of that, so what is kept away would for the greatest part have been
 * withheld, and it goes on seeing how much there is. A filter is strengthened at once, and weakened to what was needed in the last second
 * when that is over.
 *
 * <p>Memory is fixed, and the number of prefixes is limited: those of a flood from everywhere are not held apart.
 */
public final class FloodWatch {

    /** Prefixes at a time. */
    static final int MOST = 32;

    static final int MOST_OF_LEVEL = 16;
    /** With less than this in a second nobody keeps others waiting. */
    static final int LEAST = 5_000;

    /** A prefix that asks this many times its rate floods. */
    static final int FLOOD = 4;

    /** Fewer of a sample are chance: where little is let in, each of them stands for much. */
    private static final int EVIDENCE = 24;

    static final long HOLD_NANOS = 1_000_000_000L;

    private static final int SAMPLE = 2048;

    private final double[] floods = new double[PrefixPyramid.LEVELS];
    private final List<IpPrefix> exempt;
    private final AtomicLong asked = new AtomicLong();
    private final AtomicLongArray sample = new AtomicLongArray(SAMPLE);
    private volatile boolean filtering;

    private final List<Filter> filters = new ArrayList<>();
    /** What the last look found, so that nobody is filtered for one burst. */
    private List<Filter> lastFloods = List.of();

    private List<FilteredPrefix> filtered = List.of();
    private long lastLook;
    private boolean looked;

    /**
     * Of nobody so far.
     *
     * @param rate a second of the narrowest prefixes; 0 for no limit, and then nobody floods
     * @param exempt no prefix that has a part in common with one of these is filtered
     */
    FloodWatch(int rate, List<IpPrefix> exempt) {
        this.exempt = exempt;
        for (int i = 0; i < floods.length; i++) {
            floods[i] = Math.max(LEAST, FLOOD * rate * Math.pow(PrefixPyramid.WIDENING, i));
        }
    }

    /** Notes a datagram from an address that may be forged. Thread-safe; costs next to nothing where it is allowed and nothing filtered. */
    void asked(long key, boolean allowed) {
        if (allowed && !filtering) {
            return;
        }
        long before = asked.getAndIncrement();
        long place = before < SAMPLE ? before : ThreadLocalRandom.current().nextLong(before + 1);
        if (place < SAMPLE) {
            sample.setOpaque((int) place, key);
        }
    }

    /**
     * What is to be filtered from now on, given that what the last look said has been so since.
     *
     * @param now as {@link System#nanoTime}
     * @return the same list as before when nothing has changed
     */
    public synchronized List<FilteredPrefix> look(long now) {
        double seconds = looked ? Math.max(1, now - lastLook) / 1e9 : Double.POSITIVE_INFINITY;
        looked = true;
        lastLook = now;
        long count = asked.getAndSet(0);
        if (filters.isEmpty() && count < LEAST * seconds) {
            lastFloods = List.of();
            return filtered;
        }
        long[] keys = new long[(int) Math.min(count, SAMPLE)];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = sample.getOpaque(i);
        }
        boolean changed = false;
        List<Filter> found = floods(keys, count / seconds);
        for (Filter flood : found) {
            changed |= need(flood, now);
        }
        lastFloods = found;
        changed |= weaken(now);
        if (changed) {
            filtered = filters.stream().map(Filter::toPrefix).toList();
            filtering = !filtered.isEmpty();
        }
        return filtered;
    }

    /** Nothing could be filtered. */
    public synchronized void forget() {
        filters.clear();
        lastFloods = List.of();
        filtered = List.of();
        filtering = false;
    }

    /** The prefixes that flood, each as the filter that it needs. */
    private List<Filter> floods(long[] keys, double perSecond) {
        Arrays.sort(keys);
        double[] left = new double[keys.length];
        for (int i = 0; i < keys.length; i++) {
            left[i] = perSecond / keys.length * (1L << shift(keys[i]));
        }
        List<Filter> result = new ArrayList<>();
        for (int level = 0; level < PrefixPyramid.LEVELS; level++) {
            List<Group> groups = groups(keys, left, level);
            for (Group group : groups.subList(0, Math.min(groups.size(), MOST_OF_LEVEL))) {
                Filter filter = new Filter(group.key, level);
                filter.shift = (int) Math.max(
                        1, Math.min(FilteredPrefix.MOST_SHIFT, Math.log(2 * group.left / floods[level]) / Math.log(2)));
                for (int i = group.from; i < group.to; i++) {
                    left[i] /= 1 << filter.shift;
                }
                result.add(filter);
            }
        }
        return result;
    }

    /** By how much the filters in use weaken what comes from an address, in powers of two. */
    private int shift(long key) {
        int shift = 0;
        for (Filter filter : filters) {
            shift += PrefixPyramid.widen(key, filter.level) == filter.key ? filter.shift : 0;
        }
        return Math.min(shift, Integer.SIZE);
    }

    /** The prefixes of a level of which too much is left, the largest first. */
    private List<Group> groups(long[] keys, double[] left, int level) {
        List<Group> groups = new ArrayList<>();
        int from = 0;
        while (from < keys.length) {
            long key = PrefixPyramid.widen(keys[from], level);
            double sum = 0;
            int to = from;
            while (to < keys.length && PrefixPyramid.widen(keys[to], level) == key) {
                sum += left[to++];
            }
            if (sum > floods[level] && to - from >= EVIDENCE && !isExempt(PrefixPyramid.prefix(key, level))) {
                groups.add(new Group(key, from, to, sum));
            }
            from = to;
        }
        groups.sort(Comparator.comparingDouble(Group::left).reversed());
        return groups;
    }

    private boolean isExempt(IpPrefix prefix) {
        return exempt.stream().anyMatch(other -> other.contains(prefix) || prefix.contains(other));
    }

    /** Takes note of the filter that is needed now. @return whether that changes anything */
    private boolean need(Filter flood, long now) {
        for (Filter filter : filters) {
            if (filter.isFor(flood)) {
                filter.needed = Math.max(filter.needed, flood.shift);
                if (flood.shift <= filter.shift) {
                    return false;
                }
                filter.shift = flood.shift;
                filter.until = now + HOLD_NANOS;
                return true;
            }
        }
        if (filters.size() == MOST || lastFloods.stream().noneMatch(flood::isFor)) {
            return false;
        }
        flood.needed = flood.shift;
        flood.until = now + HOLD_NANOS;
        return filters.add(flood);
    }

    private boolean weaken(long now) {
        boolean changed = false;
        for (Iterator<Filter> each = filters.iterator(); each.hasNext(); ) {
            Filter filter = each.next();
            if (now - filter.until < 0) {
                continue;
            }
            changed |= filter.needed < filter.shift;
            filter.shift = filter.needed;
            filter.needed = 0;
            filter.until = now + HOLD_NANOS;
            if (filter.shift == 0) {
                each.remove();
            }
        }
        return changed;
    }

    /** Neighbours in the sample that lie in one prefix, and how many queries a second they stand for. */
    private record Group(long key, int from, int to, double left) {}

    /** A prefix that is filtered, or shall be. */
    private static final class Filter {

        private final long key;
        private final int level;
        private int shift;
        private int needed;
        private long until;

        Filter(long key, int level) {
            this.key = key;
            this.level = level;
        }

        boolean isFor(Filter other) {
            return key == other.key && level == other.level;
        }

        FilteredPrefix toPrefix() {
            return new FilteredPrefix(PrefixPyramid.prefix(key, level), shift);
        }
    }
}
