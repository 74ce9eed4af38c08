package com.kingcdn.edge.probe;

/**
 * What the answers to probes come to: smoothed round-trip time and its mean deviation by RFC 6298 section 2, and the share of the last
 * {@value #WINDOW} probes that were lost. Pure; times are milliseconds.
 *
 * <p>Two things differ from a retransmission timer. The deviation begins with 0, since it is reported as jitter and nothing is
 * guarded by it. And probes are far apart: when {@value #OUTSIDE} answers in a row lie outside of what was usual, on the same side, the path
 * is another one, and the estimate begins anew with their median instead of following over many minutes.
 */
final class RttEstimator {

    /** Newest probes that the loss is counted over. */
    static final int WINDOW = 16;

    /** So many answers in a row, on the same side of all that was usual, are another path. */
    static final int OUTSIDE = 3;

    private static final double ALPHA = 1.0 / 8;
    private static final double BETA = 1.0 / 4;
    private static final double DEVIATIONS = 4;

    /** Smaller differences are no other path, and smaller shares neither. */
    private static final double LEAST_SHIFT = 3;

    private static final double LEAST_SHIFT_SHARE = 0.1;

    private final double[] outside = new double[OUTSIDE];
    private int outsiders;
    private boolean known;
    private double srtt;
    private double rttvar;
    private int lost;
    private int probes;

    void answered(double rttMillis) {
        window(0);
        if (!known) {
            known = true;
            srtt = rttMillis;
            return;
        }
        double usual = Math.max(DEVIATIONS * rttvar, Math.max(LEAST_SHIFT, LEAST_SHIFT_SHARE * srtt));
        boolean isOutside = Math.abs(rttMillis - srtt) > usual;
        if (outsiders > 0 && (!isOutside || outside[0] > srtt != rttMillis > srtt)) {
            // they were no other path, but strays of this one
            for (int i = 0; i < outsiders; i++) {
                smooth(outside[i]);
            }
            outsiders = 0;
        }
        if (!isOutside) {
            smooth(rttMillis);
            return;
        }
        outside[outsiders++] = rttMillis;
        if (outsiders == OUTSIDE) {
            beginAnew();
        }
    }

    private void smooth(double rttMillis) {
        rttvar += BETA * (Math.abs(srtt - rttMillis) - rttvar);
        srtt += ALPHA * (rttMillis - srtt);
    }

    void lost() {
        window(1);
    }

    private void beginAnew() {
        double low = Math.min(outside[0], Math.min(outside[1], outside[2]));
        double high = Math.max(outside[0], Math.max(outside[1], outside[2]));
        srtt = outside[0] + outside[1] + outside[2] - low - high;
        rttvar = (high - low) / OUTSIDE;
        outsiders = 0;
    }

    private void window(int bit) {
        lost = (lost << 1 | bit) & (1 << WINDOW) - 1;
        probes = Math.min(WINDOW, probes + 1);
    }

    /** Whether there has been an answer. */
    boolean isKnown() {
        return known;
    }

    /** Smoothed round-trip time; 0 before the first answer. */
    double rttMillis() {
        return srtt;
    }

    /** Mean deviation from it. */
    double jitterMillis() {
        return rttvar;
    }

    /** Share of the newest probes without an answer. */
    double loss() {
        return probes == 0 ? 0 : (double) Integer.bitCount(lost) / probes;
    }
}
