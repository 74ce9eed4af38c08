package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.topology.OriginEndpoint;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class UpstreamPlannerPropertyTest {

    private static final long NOW = 1_000_000;

    private static List<OriginEndpoint> endpoints(int count) {
        List<OriginEndpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            endpoints.add(new OriginEndpoint(URI.create("http://origin" + i + ".example")));
        }
        return endpoints;
    }

    private static Function<OriginEndpoint, EndpointHealth> health(List<OriginEndpoint> endpoints, List<Long> retryAt) {
        Map<OriginEndpoint, EndpointHealth> states = new HashMap<>();
        for (int i = 0; i < endpoints.size(); i++) {
            states.put(endpoints.get(i), new EndpointHealth(0, 0, 0, retryAt.get(i)));
        }
        return states::get;
    }

    @Property
    void firstIsTheFirstThatIsUpAndElseTheOneThatWasTriedLongestAgo(
            @ForAll @Size(min = 1, max = 5) List<@LongRange(min = NOW - 100, max = NOW + 100) Long> retryAt) {
        List<OriginEndpoint> endpoints = endpoints(retryAt.size());
        UpstreamPlanner.Step step = UpstreamPlanner.first(endpoints, health(endpoints, retryAt), NOW);
        int expected = 0;
        while (expected < retryAt.size() && retryAt.get(expected) > NOW) {
            expected++;
        }
        if (expected == retryAt.size()) {
            expected = retryAt.indexOf(retryAt.stream().min(Long::compare).orElseThrow());
        }
        assertThat(step).isEqualTo(new UpstreamPlanner.Step(endpoints.get(expected), 0));
    }

    @Property
    void aRetryGoesElsewhereAtOnceOrBackAfterAPause(
            @ForAll @Size(min = 1, max = 5) List<@LongRange(min = NOW - 100, max = NOW + 100) Long> retryAt,
            @ForAll @IntRange(max = 4) int failedIndex,
            @ForAll @DoubleRange(max = 1, maxIncluded = false) double random) {
        List<OriginEndpoint> endpoints = endpoints(retryAt.size());
        OriginEndpoint failed = endpoints.get(failedIndex % endpoints.size());
        UpstreamPlanner.Step step =
                UpstreamPlanner.afterFailure(endpoints, health(endpoints, retryAt), 1, failed, random, NOW);
        assertThat(step).isNotNull();
        if (endpoints.size() == 1) {
            assertThat(step.endpoint()).isEqualTo(failed);
            assertThat(step.delayMillis()).isBetween(50L, 100L);
        } else {
            assertThat(step.endpoint()).isNotEqualTo(failed);
            assertThat(step.delayMillis()).isZero();
        }
    }

    @Test
    void thereIsOneRetry() {
        List<OriginEndpoint> endpoints = endpoints(3);
        assertThat(UpstreamPlanner.afterFailure(endpoints, e -> EndpointHealth.GOOD, 2, endpoints.get(0), 0, NOW))
                .isNull();
    }

    /** However failures come, an endpoint is never left alone for longer than the limit, and always tried again. */
    @Property
    void anEndpointAlwaysComesBack(
            @ForAll @Size(min = 1, max = 60) List<@LongRange(min = 0, max = 20_000) Long> pauses) {
        EndpointHealth health = EndpointHealth.GOOD;
        long now = NOW;
        for (long pause : pauses) {
            now += pause;
            health = health.failed(now);
            assertThat(health.retryAtMillis()).isLessThanOrEqualTo(now + EndpointHealth.LONGEST_BENCH_MILLIS);
            assertThat(health.isUp(now + EndpointHealth.LONGEST_BENCH_MILLIS)).isTrue();
        }
    }

    @Test
    void failuresFarApartDoNotAddUp() {
        EndpointHealth health = EndpointHealth.GOOD;
        long now = NOW;
        for (int i = 0; i < 10; i++) {
            now += EndpointHealth.WINDOW_MILLIS + 1;
            health = health.failed(now);
            assertThat(health.isUp(now)).isTrue();
        }
    }

    @Test
    void threeFailuresInARowLeaveAnEndpointAlone() {
        EndpointHealth health = EndpointHealth.GOOD.failed(NOW).failed(NOW + 1);
        assertThat(health.isUp(NOW + 2)).isTrue();
        health = health.failed(NOW + 2);
        assertThat(health.isUp(NOW + 3)).isFalse();
        assertThat(health.isUp(NOW + 2 + EndpointHealth.FIRST_BENCH_MILLIS)).isTrue();
        // its trial failed: twice as long
        assertThat(health.failed(NOW + 2_000).retryAtMillis())
                .isEqualTo(NOW + 2_000 + 2 * EndpointHealth.FIRST_BENCH_MILLIS);
    }

    @Test
    void retriesAreAFifthOfRequestsOnceTheSavingsAreSpent() {
        RetryBudget budget = new RetryBudget();
        int retries = 0;
        for (int i = 0; i < 1_000; i++) {
            budget.earn();
            retries += budget.spend() ? 1 : 0;
        }
        assertThat(retries).isBetween(200, 211);
    }
}
