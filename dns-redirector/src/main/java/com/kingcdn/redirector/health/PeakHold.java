package com.kingcdn.redirector.health;

/** The highest of the values of the last {@value #LEAST_SECONDS} seconds, and of up to as many before. Not thread-safe. */
final class PeakHold {

    static final double LEAST_SECONDS = 90;

    private double before;
    private double now;
    private double seconds;

    /** Takes in a value that holds for some seconds. */
    void add(double value, double forSeconds) {
        seconds += forSeconds;
        if (seconds > LEAST_SECONDS) {
            before = now;
            now = 0;
            seconds = 0;
        }
        now = Math.max(now, value);
    }

    double peak() {
        return Math.max(before, now);
    }
}
