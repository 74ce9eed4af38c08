package com.kingcdn.redirector.rtt;

import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.routing.MeasuredPaths;
import com.kingcdn.redirector.routing.PathMeasurement;
import com.kingcdn.redirector.routing.PathSource.Origin;
import com.kingcdn.topology.IpPrefix;
import org.jspecify.annotations.Nullable;

/**
 * What has been measured for one prefix, by cluster, in few bytes: some hundred thousand prefixes times some hundred clusters fit into a
 * heap. Safe for several threads.
 *
 * <p>Like is compared with like: probes of all clusters go to the same resolvers, so what is known passively of one cluster's clients, with
 * their own lines and queues in it, counts only where no cluster has probed, and two at least have measured.
 *
 * <p>A prefix that answers nobody is no loss: its resolver may be gone. A cluster's silence counts once another cluster has had an answer after
 * it began.
 */
final class PathTable {

    /** More evidence than that makes nothing surer, but the map slower to believe a change. */
    private static final float MOST_EVIDENCE = PackedPaths.MOST_EVIDENCE;

    /** The loss of a path that has fallen silent while others have not: three of four. */
    private static final double SILENT_LOSS = 0.75;

    /** With less it is forgotten. */
    static final double LEAST_EVIDENCE = 0.2;

    /** The weight of a new report beside what is known: two of them make three quarters of a change. */
    private static final float NEW = 0.5f;

    /** What becomes of a report. */
    enum Outcome {
        TAKEN,
        /** There is no memory for another path. */
        NO_ROOM,
        /** The table has been given up meanwhile: another is to be made. */
        GONE
    }

    /** What a prefix takes of the heap beside its paths: itself, these objects, and its places in two maps. */
    private static final long PREFIX_BYTES = 256;

    private final IpPrefix prefix;
    private final PackedPaths paths;
    private final Fading fading;
    private final Room room;
    private boolean gone;

    private PathTable(IpPrefix prefix, PackedPaths paths, Fading fading, Room room) {
        this.prefix = prefix;
        this.paths = paths;
        this.fading = fading;
        this.room = room;
    }

    /**
     * One without any path yet, or null when there is no room for it.
     *
     * @param fading of evidence that nothing refreshes
     * @param method of what is to be put into it
     */
    static @Nullable PathTable in(Room room, IpPrefix prefix, Fading fading, RttMethod method) {
        PathTable table = new PathTable(prefix, new PackedPaths(prefix.hashCode()), fading, room);
        return room.take(table.held(), share(method)) ? table : null;
    }

    /** One with paths that were kept, or null when there is no room for it. */
    static @Nullable PathTable of(Room room, IpPrefix prefix, Fading fading, PackedPaths kept) {
        PathTable table = new PathTable(prefix, kept, fading, room);
        return room.take(table.held(), share(kept)) ? table : null;
    }

    /** How much of all room may be taken with what is measured like that: there are many more clients than resolvers that are probed. */
    static double share(RttMethod method) {
        return method == RttMethod.PASSIVE ? 0.5 : 1;
    }

    /** The same for what was measured in several ways. */
    static double share(PackedPaths paths) {
        double most = 0;
        for (int at = 0; at < paths.size(); at++) {
            most = Math.max(most, share(paths.method(at)));
        }
        return most;
    }

    IpPrefix prefix() {
        return prefix;
    }

    /** What it takes of the room. */
    private long held() {
        return PREFIX_BYTES + paths.bytes();
    }

    /** @param cluster the number of the reporting cluster */
    synchronized Outcome report(int cluster, RttReport.Measurement report, long nowMillis) {
        if (gone) {
            return Outcome.GONE;
        }
        int at = paths.indexOf(cluster);
        boolean passive = report.method() == RttMethod.PASSIVE;
        boolean known = at >= 0 && evidence(at, nowMillis) >= LEAST_EVIDENCE;
        if (known && report.loss() == 1) {
            if (paths.silence(at) == 0 && !passive) {
                long silence = nowMillis / 1000 - paths.second(at);
                paths.silent(at, (int) Math.max(1, Math.min(PackedPaths.MOST_SILENCE, silence)));
            }
            return Outcome.TAKEN;
        }
        // of a path that was never heard, silence tells nothing
        if (report.loss() == 1 || (known && passive && !isPassive(at))) {
            return Outcome.TAKEN;
        }
        if (at < 0 && !room.take(paths.growth(), share(report.method()))) {
            return Outcome.NO_ROOM;
        }
        at = at < 0 ? paths.add(cluster) : at;
        boolean smoothed = known && passive == isPassive(at);
        float weight = smoothed ? NEW : 1;
        paths.measured(
                at,
                mixed(paths.rtt(at), report.rttMillis(), weight),
                mixed(paths.jitter(at), report.jitterMillis(), weight),
                mixed(paths.loss(at), report.loss(), weight));
        answered(at, report, smoothed, nowMillis);
        return Outcome.TAKEN;
    }

    /** Another node of the cluster may report an older answer than the newest: it makes the path no older, and ends no silence that began later. */
    private void answered(int at, RttReport.Measurement report, boolean smoothed, long nowMillis) {
        int answer = (int) ((nowMillis - report.ageMillis()) / 1000);
        int newest = smoothed ? Math.max(answer, paths.second(at)) : answer;
        int silence = smoothed ? paths.second(at) + paths.silence(at) - newest : 0;
        // both as they are at the time of the newest
        double before = smoothed ? evidence(at, 1000L * newest) : 0;
        double more = report.probes() * fading.left(1000L * (newest - answer));
        paths.answered(at, newest, (float) Math.min(MOST_EVIDENCE, before + more), report.method());
        if (silence > 0) {
            paths.silent(at, silence);
        }
    }

    private static float mixed(float known, double reported, float weight) {
        return known + weight * ((float) reported - known);
    }

    private boolean isPassive(int at) {
        return paths.method(at) == RttMethod.PASSIVE;
    }

    /** What is known of the path from a cluster, or null. */
    synchronized @Nullable PathMeasurement find(int cluster, long nowMillis) {
        int at = paths.indexOf(cluster);
        if (at < 0 || (isPassive(at) && !passiveCounts(nowMillis))) {
            return null;
        }
        double evidence = evidence(at, nowMillis);
        return evidence < LEAST_EVIDENCE
                ? null
                : new PathMeasurement(paths.rtt(at), paths.jitter(at), loss(at, newest()), evidence);
    }

    /** How the path from a cluster was measured, and when; null when it was not. */
    synchronized @Nullable Origin origin(int cluster, long nowMillis) {
        int at = paths.indexOf(cluster);
        return at < 0 ? null : new Origin(paths.method(at).text(), Math.max(0, nowMillis - 1000L * paths.second(at)));
    }

    /**
     * Puts all that is known into a list of paths.
     *
     * @param places where in it, by cluster number; below 0 for nowhere
     */
    synchronized void copyTo(MeasuredPaths target, int[] places, long nowMillis) {
        int newest = newest();
        boolean passiveCounts = passiveCounts(nowMillis);
        for (int at = 0; at < paths.size(); at++) {
            int cluster = paths.cluster(at);
            int place = cluster < places.length ? places[cluster] : -1;
            if (place < 0 || (isPassive(at) && !passiveCounts)) {
                continue;
            }
            double evidence = evidence(at, nowMillis);
            if (evidence >= LEAST_EVIDENCE) {
                target.set(place, paths.rtt(at), paths.jitter(at), loss(at, newest), evidence);
            }
        }
    }

    /** Whether anything in it counts. */
    synchronized boolean tells(long nowMillis) {
        return isProbed(nowMillis) || passiveCounts(nowMillis);
    }

    private boolean isProbed(long nowMillis) {
        for (int at = 0; at < paths.size(); at++) {
            if (!isPassive(at) && evidence(at, nowMillis) >= LEAST_EVIDENCE) {
                return true;
            }
        }
        return false;
    }

    private boolean passiveCounts(long nowMillis) {
        int measured = 0;
        for (int at = 0; at < paths.size(); at++) {
            if (evidence(at, nowMillis) >= LEAST_EVIDENCE) {
                if (!isPassive(at)) {
                    return false;
                }
                measured++;
            }
        }
        return measured > 1;
    }

    /** When the newest answer to a probe came that any cluster has had: clients may be heard when their resolver is gone. */
    private int newest() {
        int newest = Integer.MIN_VALUE;
        for (int at = 0; at < paths.size(); at++) {
            newest = isPassive(at) ? newest : Math.max(newest, paths.second(at));
        }
        return newest;
    }

    /** Forgets what is too old, and gives itself up when nothing is left. @return whether anything is */
    synchronized boolean forget(long nowMillis) {
        long before = held();
        int kept = 0;
        for (int at = 0; at < paths.size(); at++) {
            if (evidence(at, nowMillis) >= LEAST_EVIDENCE) {
                paths.move(at, kept++);
            }
        }
        paths.truncate(kept);
        if (!gone) {
            gone = kept == 0;
            room.give(gone ? before : before - held());
        }
        return kept > 0;
    }

    synchronized int size() {
        return paths.size();
    }

    /** Copies what is known of paths from clusters with numbers below a limit, as {@link PackedPaths#copyTo} does. */
    synchronized int copyTo(long[] target, int clusters) {
        return paths.copyTo(target, clusters);
    }

    /** How many bytes its measurements take. */
    synchronized long bytes() {
        return paths.bytes();
    }

    private double loss(int at, int newest) {
        boolean isSilentAlone = paths.silence(at) > 0 && newest > paths.second(at) + paths.silence(at);
        return isSilentAlone ? Math.max(SILENT_LOSS, paths.loss(at)) : paths.loss(at);
    }

    private double evidence(int at, long nowMillis) {
        return paths.evidence(at) * fading.left(nowMillis - 1000L * paths.second(at));
    }
}
