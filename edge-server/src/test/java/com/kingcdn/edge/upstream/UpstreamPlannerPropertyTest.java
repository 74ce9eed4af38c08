package com.kingcdn.edge.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.edge.upstream.UpstreamPlanner.Step;
import com.kingcdn.topology.OriginEndpoint;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.jspecify.annotations.Nullable;
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

    private static List<Hop> peers(Tier tier, int count, int self) {
        List<Hop> hops = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = tier.label() + i;
            OriginEndpoint endpoint = new OriginEndpoint(URI.create("http://" + name + ".example"));
            hops.add(new Hop(tier, endpoint, name, 1, i == self));
        }
        return hops;
    }

    /** What is known of hops: nothing bad, unless it is put in. */
    private static final class Known implements UpstreamPlanner.Knowledge {

        private final Map<String, EndpointHealth> states = new HashMap<>();
        private final Map<String, Integer> loads = new HashMap<>();

        private Known retryAt(Hop hop, long millis) {
            states.put(hop.name(), new EndpointHealth(0, 0, 0, 0, 1, millis, false, 0));
            return this;
        }

        private Known open(Hop hop) {
            states.put(hop.name(), new EndpointHealth(9, NOW, 9, 0, 1, NOW + 1, true, 0));
            return this;
        }

        @Override
        public EndpointHealth health(Hop hop) {
            return states.getOrDefault(hop.name(), EndpointHealth.GOOD);
        }

        @Override
        public boolean isUp(Hop hop) {
            return health(hop).isUp(NOW);
        }

        @Override
        public int load(Hop hop) {
            return loads.getOrDefault(hop.name(), 0);
        }
    }

    private static @Nullable Step next(Route route, List<Hop> tried, Known known) {
        return UpstreamPlanner.next(route, tried, known, 0.5, NOW);
    }

    /** Every way to an answer, all of them failing. */
    private static List<Hop> wholeWay(Route route, Known known) {
        List<Hop> tried = new ArrayList<>();
        for (Step step = next(route, tried, known); step != null; step = next(route, tried, known)) {
            tried.add(step.hop());
        }
        return tried;
    }

    @Property
    void firstIsTheMostWantedThatIsUpAndElseTheOneThatIsDueFirst(
            @ForAll @Size(min = 1, max = 5) List<@LongRange(min = NOW - 100, max = NOW + 100) Long> retryAt,
            @ForAll @AlphaChars @StringLength(min = 1, max = 8) String key) {
        Route route = Route.of(List.of(), List.of(), endpoints(retryAt.size()), key);
        Known known = new Known();
        for (int i = 0; i < retryAt.size(); i++) {
            known.retryAt(route.origins().get(i), retryAt.get(i));
        }
        int expected = 0;
        while (expected < retryAt.size() && retryAt.get(expected) > NOW) {
            expected++;
        }
        if (expected == retryAt.size()) {
            expected = retryAt.indexOf(retryAt.stream().min(Long::compare).orElseThrow());
        }
        assertThat(next(route, List.of(), known))
                .isEqualTo(new Step(route.origins().get(expected), 0));
    }

    @Property
    void aRetryGoesElsewhereAtOnceOrBackAfterAPause(
            @ForAll @Size(min = 1, max = 5) List<@LongRange(min = NOW - 100, max = NOW + 100) Long> retryAt,
            @ForAll @IntRange(max = 4) int failedIndex,
            @ForAll @DoubleRange(max = 1, maxIncluded = false) double random) {
        Route route = Route.of(List.of(), List.of(), endpoints(retryAt.size()), "key");
        Known known = new Known();
        for (int i = 0; i < retryAt.size(); i++) {
            known.retryAt(route.origins().get(i), retryAt.get(i));
        }
        Hop failed = route.origins().get(failedIndex % retryAt.size());
        Step step = UpstreamPlanner.next(route, List.of(failed), known, random, NOW);
        assertThat(step).isNotNull();
        if (retryAt.size() == 1) {
            assertThat(step.hop()).isEqualTo(failed);
            assertThat(step.delayMillis()).isBetween(50L, 100L);
        } else {
            assertThat(step.hop()).isNotEqualTo(failed);
            assertThat(step.delayMillis()).isZero();
        }
    }

    /** The tiers come in order, each at most as often as it may, and it ends. */
    @Property
    void aRequestNeverGoesBack(
            @ForAll @IntRange(max = 4) int siblings,
            @ForAll @IntRange(max = 4) int parents,
            @ForAll @IntRange(min = 1, max = 3) int origins,
            @ForAll @AlphaChars @StringLength(min = 1, max = 8) String key) {
        Route route = Route.of(
                siblings < 2 ? List.of() : peers(Tier.SIBLING, siblings, 0),
                peers(Tier.PARENT, parents, -1),
                endpoints(origins),
                key);
        List<Hop> way = wholeWay(route, new Known());

        assertThat(way.stream().map(Hop::tier)).isSorted();
        assertThat(way).noneMatch(Hop::self);
        assertThat(way.stream().filter(hop -> hop.tier() == Tier.SIBLING).count())
                .isLessThanOrEqualTo(1);
        assertThat(way.stream().filter(hop -> hop.tier() == Tier.PARENT)).hasSize(Math.min(2, parents));
        assertThat(way.stream().filter(hop -> hop.tier() == Tier.ORIGIN)).hasSize(2);
        List<Hop> peers = way.stream().filter(hop -> hop.tier().isPeer()).toList();
        assertThat(new HashSet<>(peers)).hasSameSizeAs(peers);
    }

    @Test
    void aDeadSiblingIsLeftOutAndItsKeysGoToTheNext() {
        List<Hop> siblings = peers(Tier.SIBLING, 3, 2);
        for (int i = 0; i < 50; i++) {
            Route route = Route.of(siblings, List.of(), endpoints(1), "key" + i);
            Hop owner = route.siblings().get(0);
            Step healthy = next(route, List.of(), new Known());
            Step without = next(route, List.of(), new Known().open(owner));
            assertThat(healthy).isNotNull();
            assertThat(healthy.hop().tier()).isEqualTo(owner.self() ? Tier.ORIGIN : Tier.SIBLING);
            assertThat(without).isNotNull();
            if (!owner.self()) {
                Hop second = route.siblings().get(1);
                assertThat(without.hop())
                        .isEqualTo(second.self() ? route.origins().get(0) : second);
            }
        }
    }

    @Test
    void backupsAreForWhenNoOtherIsUp() {
        List<OriginEndpoint> all = new ArrayList<>(endpoints(2));
        all.add(0, new OriginEndpoint(URI.create("http://backup.example"), 1, true));
        Route route = Route.of(List.of(), List.of(), all, "key");
        Hop first = route.origins().get(0);
        Hop second = route.origins().get(1);
        Hop backup = route.backups().get(0);

        assertThat(wholeWay(route, new Known())).containsExactly(first, second);
        assertThat(wholeWay(route, new Known().retryAt(first, NOW + 5))).containsExactly(second, backup);
        assertThat(wholeWay(route, new Known().open(first).open(second))).containsExactly(backup, backup);
    }

    @Test
    void nobodyIsAskedWhoseCircuitIsOpen() {
        Route route = Route.of(List.of(), peers(Tier.PARENT, 1, -1), endpoints(1), "key");
        Known known =
                new Known().open(route.parents().get(0)).open(route.origins().get(0));
        assertThat(next(route, List.of(), known)).isNull();
    }

    @Property
    void weightsShareTheKeys(@ForAll @IntRange(min = 1, max = 5) int weight) {
        URI url = URI.create("http://heavy.example");
        List<OriginEndpoint> both =
                List.of(new OriginEndpoint(url, weight, false), endpoints(1).get(0));
        int heavy = 0;
        for (int i = 0; i < 2_000; i++) {
            Step step = next(Route.of(List.of(), List.of(), both, "/title/" + i), List.of(), new Known());
            heavy += step != null && step.hop().endpoint().url().equals(url) ? 1 : 0;
        }
        double expected = 2_000.0 * weight / (weight + 1);
        assertThat(heavy).isBetween((int) (expected - 120), (int) (expected + 120));
    }

    /** However keys are distributed, nobody has more under way than a quarter over its share (and the least that need not be shared). */
    @Property(tries = 100)
    void loadIsBounded(
            @ForAll @IntRange(min = 1, max = 6) int nodes,
            @ForAll @Size(max = 300) List<@IntRange(max = 3) Integer> keys) {
        List<Hop> hops = peers(Tier.PARENT, nodes, -1);
        Known known = new Known();
        for (int key : keys) {
            Step step = next(Route.of(List.of(), hops, endpoints(1), "key" + key), List.of(), known);
            assertThat(step).isNotNull();
            assertThat(step.hop().tier()).isEqualTo(Tier.PARENT);
            known.loads.merge(step.hop().name(), 1, Integer::sum);
        }
        double share = 1.25 * keys.size() / nodes;
        assertThat(known.loads.values()).allSatisfy(load -> assertThat((double) load)
                .isLessThanOrEqualTo(Math.max(BoundedLoad.LEAST, share + 1)));
    }

    /** A node that leaves moves only its own keys. */
    @Property(tries = 100)
    void movementIsMinimal(
            @ForAll @IntRange(min = 2, max = 6) int nodes,
            @ForAll @IntRange(max = 5) int leaving,
            @ForAll @AlphaChars @StringLength(min = 1, max = 8) String key) {
        List<Hop> all = peers(Tier.PARENT, nodes, -1);
        Hop gone = all.get(leaving % nodes);
        List<Hop> left = all.stream().filter(hop -> !hop.equals(gone)).toList();
        Step before = next(Route.of(List.of(), all, endpoints(1), key), List.of(), new Known());
        Step after = next(Route.of(List.of(), left, endpoints(1), key), List.of(), new Known());
        assertThat(before).isNotNull();
        if (!before.hop().equals(gone)) {
            assertThat(after).isEqualTo(before);
        }
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
