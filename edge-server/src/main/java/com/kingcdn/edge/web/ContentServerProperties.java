package com.kingcdn.edge.web;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits of the content port; {@code kingcdn.edge.server}.
 *
 * @param headTimeout the longest time a request's header section may take to arrive
 * @param idleTimeout how long a connection may stay open between requests
 * @param readTimeout the longest silence inside a request's content
 * @param stallTimeout how long a client may accept nothing of what it is sent
 * @param shutdownTimeout how long responses under way may go on when the process is told to stop
 * @param requestContent bytes of content that a request may have
 * @param connections open at most, and no more than three quarters of the files that the process may open; the next one is closed at once
 */
public record ContentServerProperties(
        @DefaultValue("10s") Duration headTimeout,
        @DefaultValue("60s") Duration idleTimeout,
        @DefaultValue("30s") Duration readTimeout,
        @DefaultValue("60s") Duration stallTimeout,
        @DefaultValue("10s") Duration shutdownTimeout,
        @DefaultValue("100MB") DataSize requestContent,
        @DefaultValue("100000") @Min(1) @Max(10_000_000) int connections) {

    public ContentServerProperties {
        positive("head-timeout", headTimeout);
        positive("idle-timeout", idleTimeout);
        positive("read-timeout", readTimeout);
        positive("stall-timeout", stallTimeout);
        positive("shutdown-timeout", shutdownTimeout);
    }

    private static void positive(String key, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "kingcdn.edge.server." + key + " must be above 0 and at most a day, not " + value);
        }
    }
}
