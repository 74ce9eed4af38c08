package com.kingcdn.redirector.rtt;

import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.routing.PathMeasurement;
import com.kingcdn.redirector.routing.PathSource.Origin;
import java.util.Arrays;
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
    private static final float MOST_EVIDENCE = 60;

    /** The loss of a path that has fallen silent while others have not: three of four. */
    private static final double SILENT_LOSS = 0.75;

    /** With less it is forgotten. */
    private static final double LEAST_EVIDENCE = 0.2;

    /** The weight of a new report beside what is known: two of them make three quarters of a change. */
    private static final float NEW = 0.5f;

    private short[] clusters = new short[2];
    private float[] rtts = new float[2];
    private float[] jitters = new float[2];
    private float[] losses = new float[2];
    private float[] evidences = new float[2];

    /** When the newest answer came. */
    private int[] seconds = new int[2];

    private RttMethod[] methods = {RttMethod.DNS, RttMethod.DNS};

    /** How many seconds after that the first report came in which all probes were lost; 0 when none has. */
    private short[] silences = new short[2];

    private final long halfLifeMillis;
    private int size;

    /** @param halfLifeMillis in which evidence that nothing refreshes halves */
    PathTable(long halfLifeMillis) {
        this.halfLifeMillis = halfLifeMillis;
    }

    /** @param cluster the number of the reporting cluster */
    synchronized void report(int cluster, RttReport.Measurement report, long nowMillis) {
        int at = indexOf(cluster);
        boolean passive = report.method() == RttMethod.PASSIVE;
        boolean known = at >= 0 && evidence(at, nowMillis) >= LEAST_EVIDENCE;
        if (known && report.loss() == 1) {
            if (silences[at] == 0 && !passive) {
                long silence = nowMillis / 1000 - seconds[at];
                silences[at] = (short) Math.max(1, Math.min(Short.MAX_VALUE, silence));
            }
            return;
        }
        // of a path that was never heard, silence tells nothing
        if (report.loss() == 1 || (known && passive && !isPassive(at))) {
            return;
        }
        at = at < 0 ? add(cluster) : at;
        boolean smoothed = known && passive == isPassive(at);
        float weight = smoothed ? NEW : 1;
        double before = smoothed ? evidence(at, nowMillis) : 0;
        rtts[at] += weight * ((float) report.rttMillis() - rtts[at]);
        jitters[at] += weight * ((float) report.jitterMillis() - jitters[at]);
        losses[at] += weight * ((float) report.loss() - losses[at]);
        evidences[at] = Math.min(MOST_EVIDENCE, (float) before + report.probes());
        seconds[at] = (int) ((nowMillis - report.ageMillis()) / 1000);
        methods[at] = report.method();
        silences[at] = 0;
    }

    private boolean isPassive(int at) {
        return methods[at] == RttMethod.PASSIVE;
    }

    /** What is known of the path from a cluster, or null. */
    synchronized @Nullable PathMeasurement find(int cluster, long nowMillis) {
        int at = indexOf(cluster);
        return at < 0 || (isPassive(at) && !passiveCounts(nowMillis)) ? null : measurement(at, newest(), nowMillis);
    }

    /** How the path from a cluster was measured, and when; null when it was not. */
    synchronized @Nullable Origin origin(int cluster, long nowMillis) {
        int at = indexOf(cluster);
        return at < 0 ? null : new Origin(methods[at].text(), Math.max(0, nowMillis - 1000L * seconds[at]));
    }

    /**
     * Puts all that is known into an array.
     *
     * @param places where in it, by cluster number; below 0 for nowhere
     */
    synchronized void copyTo(@Nullable PathMeasurement[] paths, int[] places, long nowMillis) {
        int newest = newest();
        @Nullable Boolean passiveCounts = null;
        for (int at = 0; at < size; at++) {
            int place = clusters[at] < places.length ? places[clusters[at]] : -1;
            if (place < 0) {
                continue;
            }
            if (isPassive(at)) {
                passiveCounts = passiveCounts == null ? Boolean.valueOf(passiveCounts(nowMillis)) : passiveCounts;
                if (!passiveCounts) {
                    continue;
                }
            }
            PathMeasurement known = measurement(at, newest, nowMillis);
            paths[place] = known == null ? paths[place] : known;
        }
    }

    private boolean passiveCounts(long nowMillis) {
        int measured = 0;
        for (int at = 0; at < size; at++) {
            if (evidence(at, nowMillis) >= LEAST_EVIDENCE) {
                if (!isPassive(at)) {
                    return false;
                }
                measured++;
            }
        }
        return measured > 1;
    }

    /** When the newest answer came that any cluster has had. */
    private int newest() {
        int newest = Integer.MIN_VALUE;
        for (int at = 0; at < size; at++) {
            newest = Math.max(newest, seconds[at]);
        }
        return newest;
    }

    /** Forgets what is too old. @return whether anything is left */
    synchronized boolean forget(long nowMillis) {
        int kept = 0;
        for (int at = 0; at < size; at++) {
            if (evidence(at, nowMillis) >= LEAST_EVIDENCE) {
                clusters[kept] = clusters[at];
                rtts[kept] = rtts[at];
                jitters[kept] = jitters[at];
                losses[kept] = losses[at];
                evidences[kept] = evidences[at];
                methods[kept] = methods[at];
                silences[kept] = silences[at];
                seconds[kept++] = seconds[at];
            }
        }
        size = kept;
        return kept > 0;
    }

    synchronized int size() {
        return size;
    }

    private @Nullable PathMeasurement measurement(int at, int newest, long nowMillis) {
        double evidence = evidence(at, nowMillis);
        if (evidence < LEAST_EVIDENCE) {
            return null;
        }
        boolean isSilentAlone = silences[at] > 0 && newest > seconds[at] + silences[at];
        double loss = isSilentAlone ? Math.max(SILENT_LOSS, losses[at]) : losses[at];
        return new PathMeasurement(rtts[at], jitters[at], loss, evidence);
    }

    private double evidence(int at, long nowMillis) {
        double age = Math.max(0, nowMillis - 1000L * seconds[at]);
        return evidences[at] * Math.pow(0.5, age / halfLifeMillis);
    }

    private int indexOf(int cluster) {
        for (int at = 0; at < size; at++) {
            if (clusters[at] == cluster) {
                return at;
            }
        }
        return -1;
    }

    private int add(int cluster) {
        if (size == clusters.length) {
            int length = size + Math.max(2, size / 2);
            clusters = Arrays.copyOf(clusters, length);
            rtts = Arrays.copyOf(rtts, length);
            jitters = Arrays.copyOf(jitters, length);
            losses = Arrays.copyOf(losses, length);
            evidences = Arrays.copyOf(evidences, length);
            seconds = Arrays.copyOf(seconds, length);
            methods = Arrays.copyOf(methods, length);
            silences = Arrays.copyOf(silences, length);
        }
        clusters[size] = (short) cluster;
        return size++;
    }
}
