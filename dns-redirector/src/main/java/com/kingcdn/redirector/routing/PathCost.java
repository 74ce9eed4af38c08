package com.kingcdn.redirector.routing;

import org.jspecify.annotations.Nullable;

/**
 * What it costs a client to be served over a path, in milliseconds: the expected time of one round trip, repetitions counted in
 * (docs/mapping.md, ADR 16).
 *
 * <p>A measured path costs its round-trip time, its jitter, and for each lost packet the time until TCP repeats it: {@code rtt + jitter +
 * loss / (1 - loss) * (rtt + max(200, 4 jitter))}, in which the last factor is the retransmission timeout of RFC 6298 with the least
 * value that Linux uses. A path without measurement is guessed from the distance. What is measured stands beside the guess with the
 * weight of its evidence, so that one lucky probe moves nobody.
 */
final class PathCost {

    /** Of a path of no length: what last miles take. */
    private static final double LAST_MILE = 8;

    /** Light needs 0.01 ms there and back for each kilometre of fibre; cables take about twice the great circle. */
    private static final double PER_KILOMETRE = 0.02;

    /** Of a path of which neither its length nor its delay is known. */
    static final double UNKNOWN = 150;

    private static final double LEAST_TIMEOUT = 200;

    /** A path that loses more is as good as none. */
    private static final double MOST_LOSS = 0.95;

    /** As many probes weigh as much as the guess. */
    private static final double GUESS_WEIGHT = 2;

    /** A difference smaller than this is none, and neither is one smaller than the share. */
    private static final double LEAST_GAIN = 3;

    private static final double LEAST_GAIN_SHARE = 0.1;

    private PathCost() {}

    /** By the distance in kilometres. */
    static double guess(double kilometres) {
        return LAST_MILE + PER_KILOMETRE * kilometres;
    }

    static double measured(PathMeasurement path) {
        return measured(path.rttMillis(), path.jitterMillis(), path.loss());
    }

    private static double measured(double rttMillis, double jitterMillis, double lost) {
        double loss = Math.min(lost, MOST_LOSS);
        double timeout = rttMillis + Math.max(LEAST_TIMEOUT, 4 * jitterMillis);
        return rttMillis + jitterMillis + loss / (1 - loss) * timeout;
    }

    /** From 0, when only the guess counts, to almost 1. */
    static double confidence(@Nullable PathMeasurement path) {
        return path == null ? 0 : confidence(path.evidence());
    }

    private static double confidence(double evidence) {
        return evidence / (evidence + GUESS_WEIGHT);
    }

    static double of(double guess, @Nullable PathMeasurement path) {
        return path == null ? guess : guess + confidence(path) * (measured(path) - guess);
    }

    /** Of the path from one cluster. */
    static double of(double guess, MeasuredPaths paths, int cluster) {
        if (!paths.has(cluster)) {
            return guess;
        }
        double measured = measured(paths.rttMillis(cluster), paths.jitterMillis(cluster), paths.loss(cluster));
        return guess + confidence(paths.evidence(cluster)) * (measured - guess);
    }

    /** What a move from this cost has to gain: small differences are noise, and each move empties a resolver's cache. */
    static double leastGain(double from) {
        return Math.max(LEAST_GAIN, LEAST_GAIN_SHARE * from);
    }
}
