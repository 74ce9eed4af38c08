package com.kingcdn.edge.upstream;

/**
 * What one endpoint's last exchanges say about it, as a value: it is left alone after failures in a row, for a time that doubles.
 *
 * @param failures in a row, none older than the window
 * @param lastFailureMillis Unix time; 0 for never
 * @param benches how many times in a row it has been left alone
 * @param retryAtMillis Unix time before which it is left alone; 0 for not at all
 */
record EndpointHealth(int failures, long lastFailureMillis, int benches, long retryAtMillis) {

    static final EndpointHealth GOOD = new EndpointHealth(0, 0, 0, 0);

    static final int FAILURES = 3;
    static final long WINDOW_MILLIS = 10_000;
    static final long FIRST_BENCH_MILLIS = 1_000;
    static final long LONGEST_BENCH_MILLIS = 30_000;

    boolean isUp(long nowMillis) {
        return nowMillis >= retryAtMillis;
    }

    /** After another failure. */
    EndpointHealth failed(long nowMillis) {
        int inRow = nowMillis - lastFailureMillis > WINDOW_MILLIS && benches == 0 ? 1 : failures + 1;
        if (inRow < FAILURES) {
            return new EndpointHealth(inRow, nowMillis, benches, retryAtMillis);
        }
        long bench = Math.min(LONGEST_BENCH_MILLIS, FIRST_BENCH_MILLIS << Math.min(benches, 10));
        // one more failure is enough after the bench: then it has had its trial
        return new EndpointHealth(FAILURES - 1, nowMillis, benches + 1, nowMillis + bench);
    }
}
