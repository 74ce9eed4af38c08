package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.upstream.EndpointHealth.Tolerance;
import com.kingcdn.http.HeaderFields;
import com.kingcdn.http.HttpDate;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class EndpointHealthPropertyTest {

    private static final long NOW = 1_000_000;
    private static final long LONGEST = Tolerance.ORIGIN.longestBenchMillis();

    private static EndpointHealth failed(EndpointHealth health, long now) {
        return health.failed(false, Tolerance.ORIGIN, now);
    }

    private static EndpointHealth silent(EndpointHealth health, long now) {
        return health.failed(true, Tolerance.ORIGIN, now);
    }

    /** However failures come, an endpoint is never left alone for longer than the limit, and always tried again. */
    @Property
    void anEndpointAlwaysComesBack(
            @ForAll @Size(min = 1, max = 60) List<@LongRange(min = 0, max = 20_000) Long> pauses,
            @ForAll boolean silence) {
        EndpointHealth health = EndpointHealth.GOOD;
        long now = NOW;
        for (long pause : pauses) {
            now += pause;
            health = health.failed(silence, Tolerance.ORIGIN, now);
            assertThat(health.retryAtMillis()).isLessThanOrEqualTo(now + LONGEST);
            assertThat(health.isUp(now + LONGEST)).isTrue();
            assertThat(health.admits(now + LONGEST)).isTrue();
            EndpointHealth tried = health.tried(now + LONGEST);
            assertThat(tried.isUp(now + LONGEST)).isFalse();
            assertThat(tried.isUp(now + LONGEST + EndpointHealth.TRIAL_MILLIS)).isTrue();
        }
    }

    @Test
    void failuresFarApartDoNotAddUp() {
        EndpointHealth health = EndpointHealth.GOOD;
        long now = NOW;
        for (int i = 0; i < 10; i++) {
            now += EndpointHealth.WINDOW_MILLIS + 1;
            health = silent(health, now);
            assertThat(health.isUp(now)).isTrue();
        }
    }

    @Test
    void threeFailuresInARowBenchAnOriginAndTheNextBenchIsTwiceAsLong() {
        EndpointHealth health = failed(failed(EndpointHealth.GOOD, NOW), NOW + 1);
        assertThat(health.isUp(NOW + 2)).isTrue();
        health = failed(health, NOW + 2);
        assertThat(health.isUp(NOW + 3)).isFalse();
        assertThat(health.admits(NOW + 3))
                .as("an origin that answers is not forbidden")
                .isTrue();
        assertThat(health.isUp(NOW + 2 + EndpointHealth.FIRST_BENCH_MILLIS)).isTrue();
        assertThat(failed(health, NOW + 500).retryAtMillis())
                .as("what was under way says nothing new")
                .isEqualTo(health.retryAtMillis());
        assertThat(failed(health, NOW + 2_000).retryAtMillis())
                .isEqualTo(NOW + 2_000 + 2 * EndpointHealth.FIRST_BENCH_MILLIS);
    }

    @Test
    void aCircuitOpensAfterFiveSilencesOverASecond() {
        EndpointHealth burst = EndpointHealth.GOOD;
        for (int i = 0; i < 50; i++) {
            burst = silent(burst, NOW + i);
        }
        assertThat(burst.open()).as("a burst of one moment").isFalse();
        EndpointHealth open = silent(burst, NOW + 1_000);
        assertThat(open.open()).isTrue();
        assertThat(open.admits(NOW + 1_001)).isFalse();
        long due = open.retryAtMillis();
        assertThat(open.admits(due)).isTrue();
        assertThat(open.tried(due).admits(due)).as("one trial at a time").isFalse();
        assertThat(silent(open.tried(due), due + 5).admits(due + 6))
                .as("the trial failed")
                .isFalse();
        assertThat(failed(open.tried(due), due + 5).open())
                .as("an error is a sign of life")
                .isFalse();
    }

    @Test
    void anotherEdgeIsLeftOutAfterOneSilence() {
        EndpointHealth health = EndpointHealth.GOOD.failed(true, Tolerance.PEER, NOW);
        assertThat(health.admits(NOW + 1)).isFalse();
        assertThat(health.admits(NOW + EndpointHealth.FIRST_BENCH_MILLIS)).isTrue();
        assertThat(EndpointHealth.GOOD.failed(false, Tolerance.PEER, NOW).isUp(NOW + 1))
                .isTrue();
    }

    /** Else an origin that failed before would not be asked for as long as the clock was wrong. */
    @Test
    void aClockThatIsSetBackPutsNoTrialOff() {
        EndpointHealth open = EndpointHealth.GOOD.failed(true, Tolerance.PEER, NOW);
        long earlier = NOW - 600_000;
        assertThat(open.admits(earlier)).isTrue();
        assertThat(open.tried(NOW).admits(earlier)).isTrue();
        EndpointHealth again = open.failed(true, Tolerance.PEER, earlier);
        assertThat(again.admits(earlier)).isFalse();
        assertThat(again.admits(earlier + Tolerance.PEER.longestBenchMillis())).isTrue();
    }

    /** RFC 9110 section 10.2.3. */
    @Test
    void retryAfterIsReadAndBounded() {
        assertThat(RetryAfter.until(503, HeaderFields.of("retry-after", "7"), NOW))
                .isEqualTo(NOW + 7_000);
        assertThat(RetryAfter.until(429, HeaderFields.of("retry-after", "86400"), NOW))
                .isEqualTo(NOW + RetryAfter.MOST_MILLIS);
        assertThat(RetryAfter.until(503, HeaderFields.of("retry-after", HttpDate.format(NOW + 5_000)), NOW))
                .isEqualTo((NOW + 5_000) / 1000 * 1000);
        for (String nonsense : List.of("", "-1", "soon", "99999999999999999999", "0", HttpDate.format(0))) {
            assertThat(RetryAfter.until(503, HeaderFields.of("retry-after", nonsense), NOW))
                    .isZero();
        }
        assertThat(RetryAfter.until(200, HeaderFields.of("retry-after", "7"), NOW))
                .isZero();
        assertThat(RetryAfter.until(503, HeaderFields.EMPTY, NOW)).isZero();
    }
}
