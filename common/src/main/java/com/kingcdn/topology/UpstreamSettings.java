package com.kingcdn.topology;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a distribution's origins are asked, where that differs from what each edge does by itself.
 *
 * @param connectTimeout for a TCP connection, and again for TLS on it; null for the edge's own
 * @param firstByteTimeout from a request's last byte to its response's head; null for the edge's own
 * @param idleTimeout the longest silence inside a response's content; null for the edge's own
 * @param check requests that find out whether an origin works; null for none
 */
public record UpstreamSettings(
        @Nullable Duration connectTimeout,
        @Nullable Duration firstByteTimeout,
        @Nullable Duration idleTimeout,
        @Nullable OriginCheck check) {

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofHours(1);

    public UpstreamSettings {
        within("connectTimeout", connectTimeout, SHORTEST);
        within("firstByteTimeout", firstByteTimeout, SHORTEST);
        within("idleTimeout", idleTimeout, SHORTEST);
    }

    static void within(String key, @Nullable Duration value, Duration shortest) {
        if (value != null && (value.compareTo(shortest) < 0 || value.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException(
                    key + " must be from " + (shortest.toMillis() < 1000 ? "1ms" : "1s") + " to 1h");
        }
    }
}
