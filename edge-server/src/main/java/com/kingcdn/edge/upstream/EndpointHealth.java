package com.kingcdn.edge.upstream;

/**
 * What one endpoint's last exchanges say about it, as a value: after failures in a row it is <em>benched</em>, which means that others
 * are preferred; after longer silence its circuit is <em>open</em>: it is not asked at all, but for one trial at a time once the bench
 * is over. Benches double.
 *
 * @param failures in a row, none older than the window
 * @param lastFailureMillis Unix time; 0 for never
 * @param silences how many of them in a row were silences: nothing came that shows it alive
 * @param silentSinceMillis when those began
 * @param benches how many times in a row it has been benched
 * @param retryAtMillis Unix time before which it is left alone; 0 for not at all
 * @param open whether the circuit is open
 * @param trialUntilMillis until when a trial has the right of way
 */
record EndpointHealth(
        int failures,
        long lastFailureMillis,
        int silences,
        long silentSinceMillis,
        int benches,
        long retryAtMillis,
        boolean open,
        long trialUntilMillis) {

    static final EndpointHealth GOOD = new EndpointHealth(0, 0, 0, 0, 0, 0, false, 0);

    static final long WINDOW_MILLIS = 10_000;
    static final long FIRST_BENCH_MILLIS = 1_000;

    /** A trial that says nothing for so long makes room for the next. */
    static final long TRIAL_MILLIS = 5_000;

    /**
     * How much an endpoint is forgiven.
     *
     * @param failures in a row that bench it
     * @param silences in a row that open the circuit
     * @param spanMillis over which the silences must stretch at least: a burst of one moment proves nothing
     * @param longestBenchMillis of benches
     */
    record Tolerance(int failures, int silences, long spanMillis, long longestBenchMillis) {

        /** An origin is the last resort, so much is forgiven. */
        static final Tolerance ORIGIN = new Tolerance(3, 5, 1_000, 10_000);

        /** Another edge can be done without: one failure is enough. */
        static final Tolerance PEER = new Tolerance(3, 1, 0, 10_000);

        static Tolerance of(Tier tier) {
            return tier.isPeer() ? PEER : ORIGIN;
        }
    }

    /** Whether it is as good as any other. */
    boolean isUp(long nowMillis) {
        return nowMillis >= upAtMillis(nowMillis);
    }

    /** Unix time from which it is, for all that is known. */
    long upAtMillis(long nowMillis) {
        return Math.max(ahead(retryAtMillis, nowMillis), ahead(trialUntilMillis, nowMillis));
    }

    /** Nothing is put off for longer than a server may ask for: what is much further ahead is from before the clock was set back. */
    private static long ahead(long untilMillis, long nowMillis) {
        return untilMillis - nowMillis > 2 * RetryAfter.MOST_MILLIS ? 0 : untilMillis;
    }

    /** Whether it may be asked when there is no better. */
    boolean admits(long nowMillis) {
        return !open || isUp(nowMillis);
    }

    /**
     * After another failure.
     *
     * @param silent whether nothing came that shows it alive
     */
    EndpointHealth failed(boolean silent, Tolerance tolerance, long nowMillis) {
        boolean forgotten = benches == 0 && nowMillis - lastFailureMillis > WINDOW_MILLIS;
        int inRow = forgotten ? 1 : failures + 1;
        int silencesInRow = !silent ? 0 : forgotten ? 1 : silences + 1;
        long since = silencesInRow <= 1 ? nowMillis : silentSinceMillis;
        boolean opens =
                silent && (open || (silencesInRow >= tolerance.silences && nowMillis - since >= tolerance.spanMillis));
        long restUntilMillis = ahead(retryAtMillis, nowMillis);
        boolean benched = nowMillis < restUntilMillis;
        if ((benched && opens == open) || (inRow < tolerance.failures && !opens)) {
            // what was sent before the bench began says nothing new
            return new EndpointHealth(
                    inRow, nowMillis, silencesInRow, since, benches, retryAtMillis, open && silent, trialUntilMillis);
        }
        long bench = Math.min(tolerance.longestBenchMillis, FIRST_BENCH_MILLIS << Math.min(benches, 10));
        // one more failure is enough after the bench: then it has had its trial
        return new EndpointHealth(
                tolerance.failures - 1,
                nowMillis,
                silencesInRow,
                since,
                benches + 1,
                Math.max(restUntilMillis, nowMillis + bench),
                opens,
                0);
    }

    /** After a head, with all content still to come: no longer silent, but its failures are not forgotten yet. */
    EndpointHealth answered() {
        return new EndpointHealth(
                failures,
                lastFailureMillis,
                0,
                0,
                benches,
                open ? 0 : retryAtMillis,
                false,
                open ? 0 : trialUntilMillis);
    }

    /** As it asks to be left alone itself. */
    EndpointHealth leftAlone(long untilMillis) {
        return new EndpointHealth(
                failures,
                lastFailureMillis,
                silences,
                silentSinceMillis,
                Math.max(1, benches),
                Math.max(retryAtMillis, untilMillis),
                open,
                trialUntilMillis);
    }

    /** With a request on its way that will show whether it is back. */
    EndpointHealth tried(long nowMillis) {
        return new EndpointHealth(
                failures,
                lastFailureMillis,
                silences,
                silentSinceMillis,
                benches,
                retryAtMillis,
                open,
                nowMillis + TRIAL_MILLIS);
    }

    /** With a trial due at once. */
    EndpointHealth due() {
        return new EndpointHealth(failures, lastFailureMillis, silences, silentSinceMillis, benches, 0, open, 0);
    }
}
