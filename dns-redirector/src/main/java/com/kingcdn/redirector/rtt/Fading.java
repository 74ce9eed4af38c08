package com.kingcdn.redirector.rtt;

/** How evidence grows old: it halves in a half-life. Pure, and quicker than a power, since a round asks millions of times. */
final class Fading {

    private static final int PARTS = 4096;

    /** What is left after each part of a half-life; an error of less than two in ten thousand. */
    private static final double[] LEFT = new double[PARTS];

    static {
        for (int i = 0; i < PARTS; i++) {
            LEFT[i] = Math.pow(0.5, i / (double) PARTS);
        }
    }

    private final double parts;

    /** @param halfLifeMillis at least 1 */
    Fading(long halfLifeMillis) {
        parts = PARTS / (double) halfLifeMillis;
    }

    /** What is left after so many milliseconds, 0 to 1; below 0 they count as none. */
    double left(long millis) {
        long passed = (long) (Math.max(0, millis) * parts);
        long halvings = passed / PARTS;
        return halvings >= Long.SIZE - 1 ? 0 : LEFT[(int) (passed % PARTS)] / (1L << halvings);
    }
}
