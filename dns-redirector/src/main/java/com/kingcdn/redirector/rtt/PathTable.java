package com.kingcdn.redirector.rtt;

import com.kingcdn.control.RttReport;
import com.kingcdn.redirector.routing.PathMeasurement;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What has been measured for one prefix, by cluster, in few bytes: some hundred thousand prefixes times some hundred clusters fit into a
 * heap. Safe for several threads.
 */
final class PathTable {

    /** Evidence that nothing refreshes halves in this time, in milliseconds. */
    static final long HALF_LIFE_MILLIS = 600_000;

    /** More evidence than that makes nothing surer, but the map slower to believe a change. */
    private static final float MOST_EVIDENCE = 60;

    /** With less it is forgotten. */
    private static final double LEAST_EVIDENCE = 0.2;

    /** The weight of a new report beside what is known: two of them make three quarters of a change. */
    private static final float NEW = 0.5f;

    private short[] clusters = new short[2];
    private float[] rtts = new float[2];
    private float[] jitters = new float[2];
    private float[] losses = new float[2];
    private float[] evidences = new float[2];
    private int[] seconds = new int[2];
    private int size;

    /** @param cluster the number of the reporting cluster */
    synchronized void report(int cluster, RttReport.Measurement report, long nowMillis) {
        int at = indexOf(cluster);
        int second = (int) (nowMillis / 1000);
        if (at < 0 || evidence(at, nowMillis) < LEAST_EVIDENCE) {
            at = at < 0 ? add(cluster) : at;
            rtts[at] = (float) report.rttMillis();
            jitters[at] = (float) report.jitterMillis();
            losses[at] = (float) report.loss();
            evidences[at] = Math.min(MOST_EVIDENCE, report.probes());
        } else {
            // a report in which all probes were lost tells nothing of the delay
            if (report.loss() < 1) {
                rtts[at] += NEW * ((float) report.rttMillis() - rtts[at]);
                jitters[at] += NEW * ((float) report.jitterMillis() - jitters[at]);
            }
            losses[at] += NEW * ((float) report.loss() - losses[at]);
            evidences[at] = Math.min(MOST_EVIDENCE, (float) evidence(at, nowMillis) + report.probes());
        }
        seconds[at] = second;
    }

    /** What is known of the path from a cluster, or null. */
    synchronized @Nullable PathMeasurement find(int cluster, long nowMillis) {
        int at = indexOf(cluster);
        return at < 0 ? null : measurement(at, nowMillis);
    }

    /**
     * Puts all that is known into an array.
     *
     * @param places where in it, by cluster number; below 0 for nowhere
     */
    synchronized void copyTo(@Nullable PathMeasurement[] paths, int[] places, long nowMillis) {
        for (int at = 0; at < size; at++) {
            int place = clusters[at] < places.length ? places[clusters[at]] : -1;
            PathMeasurement known = place < 0 ? null : measurement(at, nowMillis);
            if (known != null) {
                paths[place] = known;
            }
        }
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
                seconds[kept++] = seconds[at];
            }
        }
        size = kept;
        return kept > 0;
    }

    synchronized int size() {
        return size;
    }

    private @Nullable PathMeasurement measurement(int at, long nowMillis) {
        double evidence = evidence(at, nowMillis);
        return evidence < LEAST_EVIDENCE ? null : new PathMeasurement(rtts[at], jitters[at], losses[at], evidence);
    }

    private double evidence(int at, long nowMillis) {
        double age = Math.max(0, nowMillis - 1000L * seconds[at]);
        return evidences[at] * Math.pow(0.5, age / HALF_LIFE_MILLIS);
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
        }
        clusters[size] = (short) cluster;
        return size++;
    }
}
