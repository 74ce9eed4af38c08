package com.kingcdn.redirector.rtt;

import com.kingcdn.redirector.routing.MeasuredPaths;
import com.kingcdn.redirector.routing.PathMeasurement;
import org.jspecify.annotations.Nullable;

/** The mean of what was measured for the parts of a prefix, for one cluster; how far they differ counts as jitter. Pure. */
final class PathSum {

    private double weight;
    private double rtt;
    private double squares;
    private double jitter;
    private double loss;

    /** Adds what is known of a part for a cluster. */
    void add(MeasuredPaths part, int cluster) {
        // nothing known weighs nothing
        add(part.rttMillis(cluster), part.jitterMillis(cluster), part.loss(cluster), part.evidence(cluster));
    }

    void add(PathMeasurement part) {
        add(part.rttMillis(), part.jitterMillis(), part.loss(), part.evidence());
    }

    private void add(double rttMillis, double jitterMillis, double partLoss, double evidence) {
        weight += evidence;
        rtt += evidence * rttMillis;
        squares += evidence * rttMillis * rttMillis;
        jitter += evidence * jitterMillis;
        loss += evidence * partLoss;
    }

    /** @param share how much of the parts' evidence stands for the whole, 0 to 1 */
    @Nullable
    PathMeasurement mean(double share) {
        return weight == 0
                ? null
                : new PathMeasurement(rtt / weight, jitter / weight + spread(), loss / weight, weight * share);
    }

    /** The same, put where it belongs. */
    void meanTo(MeasuredPaths target, int cluster, double share) {
        if (weight > 0) {
            target.set(cluster, rtt / weight, jitter / weight + spread(), loss / weight, weight * share);
        }
    }

    private double spread() {
        double mean = rtt / weight;
        return Math.sqrt(Math.max(0, squares / weight - mean * mean));
    }

    /** To begin anew. */
    void clear() {
        weight = 0;
        rtt = 0;
        squares = 0;
        jitter = 0;
        loss = 0;
    }
}
