package com.kingcdn.topology;

import org.jspecify.annotations.Nullable;

/**
 * A rate of requests, a number of requests at the same time, or both. What is above gets 429 (RFC 6585 section 4).
 *
 * @param requestsPerSecond in the long run; no rate limit when left out
 * @param burst requests at once after a pause; a second's worth when left out
 * @param concurrentRequests requests whose response has not ended; no limit when left out
 */
public record RequestLimit(
        @Nullable Integer requestsPerSecond, @Nullable Integer burst, @Nullable Integer concurrentRequests) {

    private static final int MOST = 10_000_000;

    public RequestLimit {
        within("requestsPerSecond", requestsPerSecond);
        within("burst", burst);
        within("concurrentRequests", concurrentRequests);
        if (requestsPerSecond == null && concurrentRequests == null) {
            throw new IllegalArgumentException("a limit needs requestsPerSecond, concurrentRequests or both");
        }
        if (burst != null && requestsPerSecond == null) {
            throw new IllegalArgumentException("burst needs requestsPerSecond beside it");
        }
    }

    private static void within(String key, @Nullable Integer value) {
        if (value != null && (value < 1 || value > MOST)) {
            throw new IllegalArgumentException(key + " must be 1 to " + MOST + ", not " + value);
        }
    }
}
