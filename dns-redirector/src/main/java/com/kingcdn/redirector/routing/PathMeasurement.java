package com.kingcdn.redirector.routing;

/**
 * What is known by measurement of the way between a cluster and a client prefix.
 *
 * @param rttMillis smoothed round-trip time in milliseconds
 * @param jitterMillis how far single round trips lie from it in the mean, in milliseconds
 * @param loss share of probes that had no answer, 0 to 1
 * @param evidence how many recent probes stand behind it: old ones count less, those of a covering prefix less again
 */
public record PathMeasurement(double rttMillis, double jitterMillis, double loss, double evidence) {

    /** The same, known by that share of its evidence only. */
    public PathMeasurement inherited(double share) {
        return new PathMeasurement(rttMillis, jitterMillis, loss, evidence * share);
    }
}
