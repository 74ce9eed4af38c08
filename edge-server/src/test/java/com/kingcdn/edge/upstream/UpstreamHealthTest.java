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

    /** Or one client who is told to slow down could take the origin from all others. */
    @Test
    void anOriginThatAsksToBeLeftAloneIsNotSilent() {
        Hop origin = new Hop(Tier.ORIGIN, new OriginEndpoint(URI.create("http://192.0.2.1:80")), "o", 1, false);
        for (long now = NOW; now < NOW + 5_000; now += 500) {
            health.askedForRest(origin, now + 30_000, now);
        }
        long later = NOW + 5_000;
        assertThat(health.isUp(origin, later)).as("others are preferred").isFalse();
        assertThat(health.of(origin).admits(later))
                .as("the last resort is asked")
                .isTrue();

        for (int i = 0; i < 6; i++) {
            health.failed(origin, true, later + 400L * i);
        }
        assertThat(health.of(origin).open()).isTrue();
        health.askedForRest(origin, later + 30_000, later + 3_000);
        assertThat(health.of(origin).open()).as("it has answered").isFalse();
    }

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
