package com.kingcdn.redirector.api;

import java.time.Clock;
import java.util.function.LongSupplier;

/**
 * The two clocks of the API.
 *
 * @param wall for what is told to others
 * @param monotonicMillis for the age of reports; the health's own
 */
public record ApiClocks(Clock wall, LongSupplier monotonicMillis) {

    long monotonic() {
        return monotonicMillis.getAsLong();
    }
}
