package com.kingcdn.edge.upstream;

import com.kingcdn.topology.UpstreamSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long an exchange with an endpoint may take.
 *
 * @param connect for a TCP connection, and again for TLS on it
 * @param firstByte from the request's last byte to the response's head
 * @param sign from the request's last byte to the first sign of life, which with a peer is an interim response
 * @param idle the longest silence inside the content
 */
record Timeouts(Duration connect, Duration firstByte, Duration sign, Duration idle) {

    /** Towards the origins of a distribution. */
    static Timeouts towardsOrigin(UpstreamProperties own, @Nullable UpstreamSettings distributions) {
        if (distributions == null) {
            return new Timeouts(own.connectTimeout(), own.responseTimeout(), own.responseTimeout(), own.idleTimeout());
        }
        Duration firstByte = or(distributions.firstByteTimeout(), own.responseTimeout());
        return new Timeouts(
                or(distributions.connectTimeout(), own.connectTimeout()),
                firstByte,
                firstByte,
                or(distributions.idleTimeout(), own.idleTimeout()));
    }

    /**
     * Towards another edge, which says at once that it is there, and may then take as long as all that it asks in turn.
     */
    static Timeouts towardsPeer(UpstreamProperties own, @Nullable UpstreamSettings distributions) {
        Timeouts origin = towardsOrigin(own, distributions);
        Duration all = origin.connect.plus(origin.firstByte).multipliedBy(UpstreamPlanner.ORIGIN_ATTEMPTS);
        return new Timeouts(own.peerConnectTimeout(), all, own.peerSignTimeout(), origin.idle);
    }

    private static Duration or(@Nullable Duration value, Duration otherwise) {
        return value == null ? otherwise : value;
    }
}
