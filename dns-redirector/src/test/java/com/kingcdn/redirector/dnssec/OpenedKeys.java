package com.kingcdn.redirector.dnssec;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** Keys of signed zones for tests of answers: managed, and never replaced. */
public final class OpenedKeys {

    private OpenedKeys() {}

    /**
     * Opens them.
     *
     * @param cached signatures kept
     * @param passing signatures a second for names that do not exist
     */
    public static ZoneKeys of(KeyScheme scheme, int cached, int passing, Path state, Clock clock) {
        DnssecSettings settings = new DnssecSettings(
                null, true, scheme, Duration.ZERO, Duration.ofDays(1), Duration.ofDays(14), cached, passing);
        return new ZoneKeys(settings, state, clock);
    }
}
