package com.kingcdn.edge.purge;

import java.time.Duration;

/**
 * What this edge can prove about purges it may have missed.
 *
 * <p>Purges are a numbered log. A heartbeat that names no later number than the edge has applied proves that, a moment ago, nothing
 * was outstanding; without a fresh proof a stored response may have been purged meanwhile, so it has to be validated before it is
 * served. A response validated within the grace is as good as a fresh proof. When the log did not reach back far enough, responses
 * from before that moment (the epoch) stay unproven until each has been validated, however fresh later proofs are.
 *
 * <p>Times are Unix milliseconds by this edge's clock. Reads are two volatile loads; safe for all threads.
 */
public final class CaughtUp {

    /** How long a proof holds: the longest time an edge that is cut off serves what has been purged. */
    public static final Duration GRACE = Duration.ofSeconds(10);

    private static final long GRACE_MILLIS = GRACE.toMillis();

    private volatile long provenAtMillis;
    private volatile long epochMillis;
    private volatile long appliedSequence;

    private CaughtUp(long provenAtMillis, long epochMillis) {
        this.provenAtMillis = provenAtMillis;
        this.epochMillis = epochMillis;
    }

    /** Of an edge that has heard nothing yet. */
    public static CaughtUp unproven() {
        return new CaughtUp(0, 0);
    }

    /** Of an edge without a control plane: nobody can purge behind its back. */
    public static CaughtUp always() {
        return new CaughtUp(Long.MAX_VALUE, 0);
    }

    /** Notes a proof: everything accepted up to now has been applied. */
    public void proveAt(long nowMillis) {
        provenAtMillis = nowMillis;
    }

    /** Notes that purges from before this moment may have been missed for good. */
    public void distrustBefore(long nowMillis) {
        epochMillis = Math.max(epochMillis, nowMillis);
    }

    /** Notes the last event applied, once it has taken effect. A log that has been replaced may begin anew. */
    public void advance(long sequence) {
        appliedSequence = sequence;
    }

    /** The last event of the numbered log that has taken effect on this edge; 0 for none. */
    public long appliedSequence() {
        return appliedSequence;
    }

    /** The moment before which responses are unproven, for the state file; 0 for none. */
    public long epochMillis() {
        return epochMillis;
    }

    /** When everything accepted was last known to have been applied; 0 for never. */
    public long provenAtMillis() {
        return provenAtMillis;
    }

    /** Whether a fresh proof exists now: the edge knows of all purges. */
    public boolean isProven(long nowMillis) {
        return provenAtMillis > nowMillis - GRACE_MILLIS;
    }

    /**
     * Whether a stored response may be served without asking, as far as purges go.
     *
     * @param validatedAtMillis when the request was sent that brought the response, or last validated it
     */
    public boolean covers(long validatedAtMillis, long nowMillis) {
        return validatedAtMillis >= epochMillis
                && Math.max(provenAtMillis, validatedAtMillis) > nowMillis - GRACE_MILLIS;
    }
}
