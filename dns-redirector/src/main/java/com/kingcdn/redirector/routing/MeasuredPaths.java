package com.kingcdn.redirector.routing;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is known by measurement of the ways between all clusters and one prefix: a {@link PathMeasurement} for each cluster, or none. To be
 * used again for the next prefix, since a map is compiled from millions of them. Not thread-safe.
 */
public final class MeasuredPaths {

    private static final int RTT = 0;
    private static final int JITTER = 1;
    private static final int LOSS = 2;
    private static final int EVIDENCE = 3;
    private static final int VALUES = 4;

    /** By cluster; without evidence nothing is known. */
    private final double[] values;

    /** @param clusters how many; nothing is known yet */
    public MeasuredPaths(int clusters) {
        values = new double[VALUES * clusters];
    }

    /** The number of clusters. */
    public int size() {
        return values.length / VALUES;
    }

    /** Whether anything is known of the way from a cluster. */
    public boolean has(int cluster) {
        return values[VALUES * cluster + EVIDENCE] > 0;
    }

    /** What is known of the way from a cluster, or null. */
    public @Nullable PathMeasurement get(int cluster) {
        return has(cluster)
                ? new PathMeasurement(rttMillis(cluster), jitterMillis(cluster), loss(cluster), evidence(cluster))
                : null;
    }

    public double rttMillis(int cluster) {
        return values[VALUES * cluster + RTT];
    }

    public double jitterMillis(int cluster) {
        return values[VALUES * cluster + JITTER];
    }

    public double loss(int cluster) {
        return values[VALUES * cluster + LOSS];
    }

    /** 0 when nothing is known. */
    public double evidence(int cluster) {
        return values[VALUES * cluster + EVIDENCE];
    }

    /** The values of a {@link PathMeasurement}; nothing is known when the evidence is 0. */
    public void set(int cluster, double rttMillis, double jitterMillis, double loss, double evidence) {
        int at = VALUES * cluster;
        values[at + RTT] = rttMillis;
        values[at + JITTER] = jitterMillis;
        values[at + LOSS] = loss;
        values[at + EVIDENCE] = evidence;
    }

    /** Nothing is known any more. */
    public void clear() {
        Arrays.fill(values, 0);
    }

    /** Fills what is missing from a covering prefix, with that share of its evidence. */
    public void inherit(MeasuredPaths around, double share) {
        for (int at = 0; at < values.length; at += VALUES) {
            if (values[at + EVIDENCE] == 0 && around.values[at + EVIDENCE] > 0) {
                System.arraycopy(around.values, at, values, at, VALUES);
                values[at + EVIDENCE] *= share;
            }
        }
    }
}
