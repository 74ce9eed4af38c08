package com.kingcdn.redirector.dnssec;

import java.time.Duration;
import java.time.Instant;

/**
 * The times of one signature. Signatures of different sets end at different times, so that they are not all renewed at once.
 *
 * @param renewAt when it is to be replaced
 * @param remakeAt when messages that hold it are to be made anew, with the renewed one
 */
record SignatureTimes(Instant inception, Instant expiration, long renewAt, long remakeAt) {

    /** For validators whose clocks are behind. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    /** @param seed of the jitter: takes away up to a tenth of the validity */
    static SignatureTimes at(long nowMillis, Duration validity, int seed) {
        long whole = validity.toMillis();
        long used = whole - Math.floorMod(seed, 1000) * (whole / 10_000);
        Instant now = Instant.ofEpochMilli(nowMillis);
        return new SignatureTimes(
                now.minus(BACKDATED), now.plusMillis(used), nowMillis + used / 2, nowMillis + used / 2 + used / 20);
    }
}
