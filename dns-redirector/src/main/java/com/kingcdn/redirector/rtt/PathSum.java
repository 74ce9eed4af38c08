package com.kingcdn.redirector.rtt;

import com.kingcdn.redirector.routing.PathMeasurement;
import org.jspecify.annotations.Nullable;

/** The mean of what was measured for the parts of a prefix, for one cluster; how far they differ counts as jitter. Pure. */
final class PathSum {

    private double weight;
    private double rtt;
    private double squares;
    private double jitter;
    private double loss;

    void add(PathMeasurement part) {
        double evidence = part.evidence();
        weight += evidence;
        rtt += evidence * part.rttMillis();
        squares += evidence * part.rttMillis() * part.rttMillis();
        jitter += evidence * part.jitterMillis();
        loss += evidence * part.loss();
    }

    /** @param share how much of the parts' evidence stands for the whole, 0 to 1 */
    @Nullable
    PathMeasurement mean(double share) {
        if (weight == 0) {
            return null;
        }
        double mean = rtt / weight;
        double spread = Math.sqrt(Math.max(0, squares / weight - mean * mean));
        return new PathMeasurement(mean, jitter / weight + spread, loss / weight, weight * share);
    }
}
