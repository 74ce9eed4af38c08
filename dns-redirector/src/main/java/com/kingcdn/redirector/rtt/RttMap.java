package com.kingcdn.redirector.rtt;

import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.pace.ShortTurns;
import com.kingcdn.redirector.routing.PathMeasurement;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.PathSource.KnownPath;
import com.kingcdn.topology.IpPrefix;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What edges have measured, by prefix and cluster: smoothed, weighed by its evidence, and forgotten as it ages. Bounded by the memory that
 * it takes, and in its prefixes, since all are looked at when the map is compiled; what comes when it is full is not taken in, and what is
 * known goes on being refreshed. For what was measured passively it is full when half of it is taken. Safe for several threads. Times are milliseconds of one monotonic clock.
 */
public final class RttMap {

    private static final int MAX_PREFIXES = 200_000;
    private static final long MOST_FADES_MILLIS = 60_000;
    private static final int FADES_IN_A_HALF_LIFE = 10;

    static final Duration HALF_LIFE = Duration.ofMinutes(10);

    private static final int MAX_CLUSTERS = Short.MAX_VALUE;

    /** Of sixteen parts of the heap, so many: 680 MiB have room for 100,000 prefixes times 200 clusters. */
    private static final int SIXTEENTHS_OF_HEAP = 9;

    private final ConcurrentSkipListMap<IpPrefix, PathTable> tables = new ConcurrentSkipListMap<>();
    /** The same, since reports ask thousands of times a second and in no order. */
    private final Map<IpPrefix, PathTable> byPrefix = new ConcurrentHashMap<>();

    private final Map<String, Integer> numbers = new ConcurrentHashMap<>();
    private final AtomicLong reports = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicInteger prefixes = new AtomicInteger();
    private final Fading fading;
    private final Room room;
    private final long fadesMillis;
    private PathSource view = PathSource.NONE;
    private long viewed;
    private long sweptAtMillis;

    /** One whose evidence halves in ten minutes. */
    public RttMap() {
        this(HALF_LIFE, defaultMemory());
    }

    /**
     * @param halfLife in which the evidence of a measurement halves when nothing refreshes it
     * @param memory bytes of the heap that it may take
     */
    public RttMap(Duration halfLife, long memory) {
        room = new Room(memory);
        fading = new Fading(halfLife.toMillis());
        fadesMillis = Math.min(MOST_FADES_MILLIS, halfLife.toMillis() / FADES_IN_A_HALF_LIFE);
    }

    /** Nine sixteenths of the heap. */
    public static long defaultMemory() {
        return partOf(Runtime.getRuntime().maxMemory());
    }

    static long partOf(long heap) {
        return heap / 16 * SIXTEENTHS_OF_HEAP;
    }

    /** Takes in a report. Prefixes narrower than answers are made for (/24 and /48) are taken for those. */
    public void report(RttReport report, long nowMillis) {
        @Nullable Integer cluster = number(report.cluster());
        for (RttReport.Measurement measurement : report.measurements()) {
            if (cluster == null || !report(cluster, measurement, nowMillis)) {
                refused.incrementAndGet();
            }
        }
        reports.incrementAndGet();
    }

    /** Whether there was room for it. */
    private boolean report(int cluster, RttReport.Measurement measurement, long nowMillis) {
        IpPrefix prefix = Levels.kept(measurement.prefix());
        while (true) {
            @Nullable PathTable table = table(prefix, measurement.method());
            if (table == null) {
                return false;
            }
            PathTable.Outcome outcome = table.report(cluster, measurement, nowMillis);
            if (outcome != PathTable.Outcome.GONE) {
                return outcome == PathTable.Outcome.TAKEN;
            }
            remove(prefix, table);
        }
    }

    /**
     * Takes in what was kept of a prefix, by its own numbers of clusters and its clock; before anything has been reported of it.
     *
     * @return whether there was room for it
     */
    boolean restore(IpPrefix prefix, PackedPaths kept) {
        synchronized (byPrefix) {
            @Nullable
            PathTable table = byPrefix.containsKey(prefix) || isFull(PathTable.share(kept))
                    ? null
                    : PathTable.of(room, prefix, fading, kept);
            if (table == null) {
                refused.addAndGet(kept.size());
                return false;
            }
            add(table);
        }
        reports.incrementAndGet();
        return true;
    }

    /** Whether a measurement still counts that had so much evidence so long ago. */
    boolean counts(float evidence, long ageMillis) {
        return evidence * fading.left(ageMillis) >= PathTable.LEAST_EVIDENCE;
    }

    /** The ids of clusters by their numbers. */
    List<String> clusters() {
        synchronized (numbers) {
            String[] ids = new String[numbers.size()];
            numbers.forEach((id, number) -> ids[number] = id);
            return List.of(ids);
        }
    }

    /** The number of a cluster, a new one when it has none; null when there are too many. */
    @Nullable
    Integer number(String cluster) {
        @Nullable Integer known = numbers.get(cluster);
        if (known != null) {
            return known;
        }
        synchronized (numbers) {
            return numbers.size() >= MAX_CLUSTERS ? null : numbers.computeIfAbsent(cluster, key -> numbers.size());
        }
    }

    private @Nullable PathTable table(IpPrefix prefix, RttMethod method) {
        @Nullable PathTable known = byPrefix.get(prefix);
        if (known != null || isFull(PathTable.share(method))) {
            return known;
        }
        // so that both know the same ones
        synchronized (byPrefix) {
            known = byPrefix.get(prefix);
            @Nullable PathTable fresh = known == null ? PathTable.in(room, prefix, fading, method) : null;
            if (fresh == null) {
                return known;
            }
            add(fresh);
            return fresh;
        }
    }

    private boolean isFull(double share) {
        return prefixes.get() >= MAX_PREFIXES * share;
    }

    private void add(PathTable fresh) {
        byPrefix.put(fresh.prefix(), fresh);
        tables.put(fresh.prefix(), fresh);
        prefixes.incrementAndGet();
    }

    private void forget(PathTable table, long nowMillis) {
        ShortTurns.step();
        if (!table.forget(nowMillis)) {
            remove(table.prefix(), table);
        }
    }

    private void remove(IpPrefix prefix, PathTable table) {
        synchronized (byPrefix) {
            if (byPrefix.remove(prefix, table)) {
                tables.remove(prefix);
            }
        }
    }

    /**
     * What is known now, for a compilation of the map; the same object as before when nothing has been reported since, and it
     * is not a minute old (or a tenth of the half-life). What is too old is forgotten as often.
     *
     * @param again whether another object is wanted even so
     */
    public synchronized PathSource view(long nowMillis, boolean again) {
        long now = reports.get();
        boolean faded = nowMillis - sweptAtMillis > fadesMillis;
        if (faded) {
            // looks at every measurement, so not in each round
            tables.values().forEach(table -> forget(table, nowMillis));
            prefixes.set(tables.size());
            sweptAtMillis = nowMillis;
        }
        if (faded || now != viewed || again) {
            viewed = now;
            view = tables.isEmpty() ? PathSource.NONE : new RttView(this, nowMillis);
        }
        return view;
    }

    /** How many prefixes have measurements of their own. */
    public int size() {
        return tables.size();
    }

    /** How many measurements were not taken in because the map was full. */
    public long refused() {
        return refused.get();
    }

    /** How many bytes all measurements take, without what it takes to find them by their prefix. */
    long bytes() {
        return tables.values().stream().mapToLong(PathTable::bytes).sum();
    }

    /** How many bytes all takes, about. */
    long taken() {
        return room.taken();
    }

    NavigableMap<IpPrefix, PathTable> tables() {
        return tables;
    }

    /** Where the map's own numbers of clusters lead in a list of them; -1 for those that are not in it. */
    int[] places(Iterable<String> clusters) {
        int[] places = new int[numbers.size()];
        Arrays.fill(places, -1);
        int at = 0;
        for (String cluster : clusters) {
            @Nullable Integer number = numbers.get(cluster);
            if (number != null && number < places.length) {
                places[number] = at;
            }
            at++;
        }
        return places;
    }

    /** What is known of a client's path from a cluster, by the longest prefix that has any, or null. */
    @Nullable
    KnownPath find(String cluster, IpPrefix client, long nowMillis) {
        @Nullable Integer number = numbers.get(cluster);
        if (number == null) {
            return null;
        }
        IpPrefix own = Levels.kept(client);
        double share = 1;
        for (int length = own.length(); length >= 0; length--) {
            IpPrefix prefix = IpPrefix.of(own.address(), length);
            @Nullable PathTable kept = tables.get(prefix);
            @Nullable PathTable table = kept != null && kept.tells(nowMillis) ? kept : null;
            @Nullable PathSum sum = table == null ? sum(prefix, number, nowMillis) : null;
            @Nullable
            PathMeasurement found =
                    table != null ? table.find(number, nowMillis) : sum == null ? null : sum.mean(Levels.share(prefix));
            if (found != null) {
                return new KnownPath(
                        prefix,
                        share == 1 ? found : found.inherited(share),
                        table == null ? null : table.origin(number, nowMillis));
            }
            if (table != null || sum != null) {
                share *= RttWalk.INHERITED;
            }
        }
        return null;
    }

    /** The sum of what a cluster has measured of a prefix's parts, which may be nothing; null where no sum is made. */
    private @Nullable PathSum sum(IpPrefix prefix, int number, long nowMillis) {
        if (Levels.share(prefix) == 0) {
            return null;
        }
        PathSum sum = new PathSum();
        int parts = 0;
        for (Map.Entry<IpPrefix, PathTable> part : tables.tailMap(prefix).entrySet()) {
            if (!prefix.contains(part.getKey())) {
                break;
            }
            parts += part.getValue().tells(nowMillis) ? 1 : 0;
            PathMeasurement measured = part.getValue().find(number, nowMillis);
            if (measured != null) {
                sum.add(measured);
            }
        }
        return parts < 2 ? null : sum;
    }
}
