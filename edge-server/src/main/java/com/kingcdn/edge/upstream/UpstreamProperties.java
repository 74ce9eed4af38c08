package com.kingcdn.edge.upstream;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.bind.ConstructorBinding;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How origins are asked; {@code kingcdn.edge.upstream}.
 *
 * @param connectTimeout for a TCP connection, and again for TLS on it
 * @param responseTimeout from the request's last byte to the response's head
 * @param idleTimeout the longest silence inside a response's content, while more of it is wanted
 * @param keepAlive how long an idle connection is kept; shorter than what origins keep it, so that requests do not run into a closing
 *     one
 * @param connections at most, to each endpoint
 * @param waiting requests at most that wait for a connection to one endpoint; the next one fails at once
 * @param forwarded how the client is told to the origin
 * @param peerConnectTimeout for a TCP connection to another edge
 * @param peerSignTimeout how long another edge may take to show that it is there; it may then take as long as what it asks in turn
 */
public record UpstreamProperties(
        @DefaultValue("2s") Duration connectTimeout,
        @DefaultValue("30s") Duration responseTimeout,
        @DefaultValue("30s") Duration idleTimeout,
        @DefaultValue("4s") Duration keepAlive,
        @DefaultValue("256") @Min(1) @Max(65_535) int connections,
        @DefaultValue("1024") @Min(0) int waiting,
        @DefaultValue("x-forwarded") ForwardedStyle forwarded,
        @DefaultValue("250ms") Duration peerConnectTimeout,
        @DefaultValue("1s") Duration peerSignTimeout) {

    @ConstructorBinding
    public UpstreamProperties {
        positive("connect-timeout", connectTimeout);
        positive("response-timeout", responseTimeout);
        positive("idle-timeout", idleTimeout);
        positive("keep-alive", keepAlive);
        positive("peer-connect-timeout", peerConnectTimeout);
        positive("peer-sign-timeout", peerSignTimeout);
    }

    /** With the usual patience for other edges. */
    public UpstreamProperties(
            Duration connectTimeout,
            Duration responseTimeout,
            Duration idleTimeout,
            Duration keepAlive,
            int connections,
            int waiting,
            ForwardedStyle forwarded) {
        this(
                connectTimeout,
                responseTimeout,
                idleTimeout,
                keepAlive,
                connections,
                waiting,
                forwarded,
                Duration.ofMillis(250),
                Duration.ofSeconds(1));
    }

    private static void positive(String key, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "kingcdn.edge.upstream." + key + " must be above 0 and at most a day, not " + value);
        }
    }
}
