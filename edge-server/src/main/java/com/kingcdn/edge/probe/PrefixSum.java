package com.kingcdn.edge.probe;

import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.topology.IpPrefix;

/** What the targets of one prefix come to: the mean of those that answer; that a neighbour does not is no loss of the path. Pure. */
final class PrefixSum {

    private static final double MOST_MILLIS = 59_999;
    private static final long MOST_AGE = 86_400_000;

    private double rtt;
    private double jitter;
    private double loss;
    private int answering;
    private int probes;
    private double silentRtt;
    private int silentProbes;
    private long age = MOST_AGE;
    private RttMethod method = RttMethod.DNS;

    void add(RttEstimator estimator, RttMethod by, int sent, int answers, long ageMillis) {
        age = Math.min(age, Math.max(0, ageMillis));
        if (answers == 0) {
            silentRtt = estimator.rttMillis();
            silentProbes += sent;
            method = answering == 0 ? by : method;
            return;
        }
        rtt += estimator.rttMillis();
        jitter += estimator.jitterMillis();
        loss += estimator.loss();
        answering++;
        probes += sent;
        method = by;
    }

    Measurement measurement(IpPrefix prefix) {
        return answering == 0
                ? new Measurement(prefix, Math.min(MOST_MILLIS, silentRtt), 0, 1, silentProbes, method, age)
                : new Measurement(
                        prefix,
                        Math.min(MOST_MILLIS, rtt / answering),
                        Math.min(MOST_MILLIS, jitter / answering),
                        loss / answering,
                        probes,
                        method,
                        age);
    }
}
