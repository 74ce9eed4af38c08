package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.upstream.UpstreamHealth.State;
import com.kingcdn.topology.OriginEndpoint;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class UpstreamHealthTest {

    private static final long NOW = 1_700_000_000_000L;

    private final UpstreamHealth health = new UpstreamHealth();

    /** Else an edge that is taken away for good, or an origin that is replaced, would be told of for ever. */
    @Test
    void anEndpointThatNobodyAsksForIsCountedNoLonger() {
        Hop gone = new Hop(Tier.SIBLING, new OriginEndpoint(URI.create("http://192.0.2.1:80")), "gone", 1, false);
        health.failed(gone, true, NOW);
        assertThat(health.count(Tier.SIBLING, State.OPEN, NOW)).isEqualTo(1);

        long later = NOW + Duration.ofMinutes(10).toMillis();
        assertThat(health.count(Tier.SIBLING, State.OPEN, later)).isEqualTo(1);
        health.failed(gone, true, later);
        assertThat(health.count(
                        Tier.SIBLING, State.OPEN, later + Duration.ofMinutes(10).toMillis()))
                .isEqualTo(1);

        assertThat(health.count(
                        Tier.SIBLING, State.OPEN, later + Duration.ofMinutes(16).toMillis()))
                .isZero();
    }
}
