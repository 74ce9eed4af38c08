package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.kingcdn.control.RttMethod;
import com.kingcdn.control.RttReport;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.redirector.routing.PathMeasurement;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.PathSource.KnownPath;
import com.kingcdn.topology.IpPrefix;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RttMapTest {

    private static final List<String> CLUSTERS = List.of("fra", "sin");

    private final RttMap map = new RttMap();
    private long now = 1_000_000;

    private void report(String cluster, String prefix, double rtt, double loss, int probes) {
        map.report(
                new RttReport(
                        cluster + "-1",
                        cluster,
                        List.of(new Measurement(IpPrefix.parse(prefix), rtt, 0.0, loss, probes))),
                now);
    }

    private @Nullable KnownPath find(String cluster, String client) {
        return map.view(now, false).find(cluster, IpPrefix.parse(client));
    }

    private Map<String, @Nullable PathMeasurement[]> all() {
        Map<String, @Nullable PathMeasurement[]> result = new LinkedHashMap<>();
        map.view(now, true)
                .forEach(
                        CLUSTERS,
                        (prefix, paths) -> result.put(
                                prefix.toString(), new @Nullable PathMeasurement[] {paths.get(0), paths.get(1)}));
        return result;
    }

    @Test
    void theLongestMeasuredPrefixThatHoldsTheClientCounts() {
        report("fra", "192.0.0.0/16", 20, 0, 10);
        report("fra", "192.0.2.0/24", 12, 0, 10);

        assertThat(find("fra", "192.0.2.7")).extracting(KnownPath::prefix).hasToString("192.0.2.0/24");
        assertThat(find("fra", "192.0.0.0/20")).extracting(KnownPath::prefix).hasToString("192.0.0.0/16");
        assertThat(find("fra", "198.51.100.1")).isNull();
        assertThat(find("sin", "192.0.2.7")).isNull();
    }

    @Test
    void twoReportsMakeThreeQuartersOfAChange() {
        report("fra", "2001:db8::/32", 20, 0, 10);
        report("fra", "2001:db8::/32", 100, 0, 10);
        report("fra", "2001:db8::/32", 100, 0, 10);

        KnownPath found = find("fra", "2001:db8::1");
        assertThat(found).isNotNull();
        assertThat(found.measurement().rttMillis()).isCloseTo(80, within(0.01));
    }

    private PathMeasurement measured(String cluster) {
        KnownPath found = find(cluster, "192.0.2.1");
        assertThat(found).isNotNull();
        return found.measurement();
    }

    @Test
    void aPrefixThatAnswersNobodyIsNoLoss_butOneThatAnswersOthersIs() {
        report("fra", "192.0.2.0/24", 20, 0, 10);
        report("sin", "192.0.2.0/24", 90, 0, 10);
        now += 2_000;
        report("fra", "192.0.2.0/24", 20, 1, 3);
        assertThat(measured("fra").loss()).as("the resolver may be gone").isZero();
        now += 2_000;
        report("fra", "192.0.2.0/24", 20, 1, 3);
        report("sin", "192.0.2.0/24", 90, 1, 3);
        assertThat(measured("fra").loss()).isZero();
        assertThat(measured("sin").loss()).isZero();

        now += 2_000;
        report("sin", "192.0.2.0/24", 90, 0, 3);
        assertThat(measured("fra").loss())
                .as("it has answered another cluster since")
                .isEqualTo(0.75);
        assertThat(measured("fra").rttMillis()).isEqualTo(20);
        assertThat(measured("sin").loss()).isZero();

        report("fra", "192.0.2.0/24", 20, 0.5, 3);
        assertThat(measured("fra").loss())
                .as("what was counted before, and this")
                .isEqualTo(0.25);
    }

    @Test
    void silenceOfAPathThatWasNeverHeardTellsNothing() {
        report("sin", "192.0.2.0/24", 90, 0, 10);
        report("fra", "192.0.2.0/24", 0, 1, 3);
        assertThat(find("fra", "192.0.2.1")).isNull();
    }

    private void report(String cluster, double rtt, RttMethod method, long ageMillis) {
        Measurement measurement = new Measurement(IpPrefix.parse("192.0.2.0/24"), rtt, 0.0, 0.0, 10, method, ageMillis);
        map.report(new RttReport(cluster + "-1", cluster, List.of(measurement)), now);
    }

    @Test
    void whatIsKnownOfOneClustersClientsOnlyIsNotHeldAgainstTheOthers() {
        report("fra", 80, RttMethod.PASSIVE, 0);
        assertThat(find("fra", "192.0.2.1")).isNull();
        report("sin", 200, RttMethod.PASSIVE, 0);
        assertThat(measured("fra").rttMillis()).isEqualTo(80);
        assertThat(measured("sin").rttMillis()).isEqualTo(200);
        assertThat(all().get("192.0.2.0/24")).doesNotContainNull();

        report("fra", 10, RttMethod.DNS, 0);
        assertThat(measured("fra").rttMillis()).as("probes replace it").isEqualTo(10);
        assertThat(find("sin", "192.0.2.1")).as("and are not compared with it").isNull();
        report("fra", 80, RttMethod.PASSIVE, 0);
        assertThat(measured("fra").rttMillis()).isEqualTo(10);
    }

    private void passive(String cluster, String prefix) {
        Measurement measurement = new Measurement(IpPrefix.parse(prefix), 80, 0.0, 0.0, 10, RttMethod.PASSIVE, 0);
        map.report(new RttReport(cluster + "-1", cluster, List.of(measurement)), now);
    }

    /** Each cluster measures all of its own clients: most prefixes would be such, and the share of them that may move, too large. */
    @Test
    void aPrefixOfWhichNothingCountsIsNotAMeasuredOne() {
        passive("fra", "192.0.3.0/24");
        passive("fra", "2001:db8:1::/48");
        assertThat(all()).isEmpty();

        report("fra", "192.0.2.0/24", 20, 0, 10);
        assertThat(all().keySet()).as("no sum of one").containsExactly("192.0.2.0/24");
        assertThat(find("fra", "192.0.9.1")).isNull();

        passive("sin", "192.0.3.0/24");
        passive("sin", "2001:db8:1::/48");
        assertThat(all().keySet())
                .containsExactly("192.0.0.0/16", "192.0.0.0/20", "192.0.2.0/24", "192.0.3.0/24", "2001:db8:1::/48");
        assertThat(find("fra", "192.0.9.1")).extracting(KnownPath::prefix).hasToString("192.0.0.0/20");
    }

    @Test
    void clientsThatAreHeardDoNotShowThatTheResolverIsStillThere() {
        report("fra", 20, RttMethod.DNS, 0);
        report("sin", 200, RttMethod.PASSIVE, 0);
        now += 2_000;
        report("fra", "192.0.2.0/24", 20, 1, 3);
        now += 2_000;
        report("sin", 200, RttMethod.PASSIVE, 0);
        assertThat(measured("fra").loss()).isZero();
    }

    @Test
    void itIsKnownHowAndWhenAPathWasMeasured() {
        now += 60_000;
        report("fra", 20, RttMethod.TCP, 5_000);
        now += 10_000;
        assertThat(map.view(now, true).atMillis()).isEqualTo(now);
        assertThat(map.view(now, true).find("fra", IpPrefix.parse("192.0.2.1")))
                .extracting(KnownPath::origin)
                .isEqualTo(new PathSource.Origin("tcp", 15_000));
    }

    /** Nodes of a cluster report one after the other, and what one has heard last may be older than what is known. */
    @Test
    void anOlderAnswerMakesAPathNoOlder() {
        report("fra", 20, RttMethod.DNS, 0);
        report("fra", 20, RttMethod.DNS, RttMap.HALF_LIFE.toMillis());

        KnownPath found = find("fra", "192.0.2.1");
        assertThat(found).isNotNull();
        assertThat(found.origin()).isEqualTo(new PathSource.Origin("dns", 0));
        assertThat(found.measurement().evidence()).as("half of the older one's").isCloseTo(15, within(0.3));
    }

    @Test
    void anAnswerFromBeforeSilenceDoesNotEndIt() {
        report("fra", 20, RttMethod.DNS, 0);
        report("sin", 90, RttMethod.DNS, 0);
        now += 2_000;
        report("fra", "192.0.2.0/24", 20, 1, 3);
        now += 2_000;
        report("sin", 90, RttMethod.DNS, 0);
        report("fra", 20, RttMethod.DNS, 3_000);
        assertThat(measured("fra").loss()).isEqualTo(0.75);
        report("fra", 20, RttMethod.DNS, 30_000);
        assertThat(measured("fra").loss()).isEqualTo(0.75);

        report("fra", 20, RttMethod.DNS, 0);
        assertThat(measured("fra").loss()).isZero();
    }

    @Test
    void evidenceHalvesInTenMinutesUntilItIsForgotten() {
        report("fra", "192.0.2.0/24", 20, 0, 8);
        now += RttMap.HALF_LIFE.toMillis();
        KnownPath found = find("fra", "192.0.2.1");
        assertThat(found).isNotNull();
        assertThat(found.measurement().evidence()).isCloseTo(4, within(0.02));

        now += 6 * RttMap.HALF_LIFE.toMillis();
        assertThat(find("fra", "192.0.2.1")).isNull();
        assertThat(map.size()).isZero();
    }

    @Test
    void narrowPrefixesAreKeptAsTheWidthThatAnswersAreMadeFor() {
        report("fra", "192.0.2.53/32", 20, 0, 8);
        report("fra", "2001:db8:1:2::/64", 30, 0, 8);

        assertThat(all().keySet()).containsExactlyInAnyOrder("192.0.2.0/24", "2001:db8:1::/48");
    }

    @Test
    void aPrefixWithoutMeasurementHasThatOfItsNeighboursWithLessEvidence() {
        report("fra", "192.0.0.0/24", 20, 0, 10);
        report("fra", "192.0.2.0/24", 30, 0, 10);

        KnownPath found = find("fra", "192.0.9.1");
        assertThat(found).isNotNull();
        assertThat(found.prefix()).hasToString("192.0.0.0/20");
        assertThat(found.measurement().rttMillis()).isCloseTo(25, within(0.01));
        assertThat(found.measurement().jitterMillis()).as("they differ").isCloseTo(5, within(0.01));
        assertThat(found.measurement().evidence()).isCloseTo(10, within(0.02));
        assertThat(find("fra", "192.0.77.1")).extracting(KnownPath::prefix).hasToString("192.0.0.0/16");
    }

    @Test
    void oneNeighbourAloneSpeaksForItselfOnly() {
        report("fra", "192.0.0.0/24", 20, 0, 10);
        assertThat(find("fra", "192.0.9.1")).isNull();
        assertThat(all().keySet()).containsExactly("192.0.0.0/24");
    }

    @Test
    void whatOneClusterHasNotMeasuredIsInheritedFromThePrefixAround() {
        report("fra", "192.0.0.0/16", 20, 0, 10);
        report("sin", "192.0.2.0/24", 90, 0, 10);

        @Nullable PathMeasurement[] paths = all().get("192.0.2.0/24");
        assertThat(paths).hasSize(2).doesNotContainNull();
        assertThat(paths[0]).extracting(PathMeasurement::evidence).isEqualTo(5.0);
        assertThat(find("fra", "192.0.2.7"))
                .extracting(found -> found.measurement().evidence())
                .isEqualTo(5.0);
    }

    @Test
    void whatIsExplainedIsWhatTheMapIsMadeFrom() {
        report("fra", "192.0.2.0/24", 20, 0, 8);
        report("fra", "192.0.3.0/24", 20, 0, 8);
        report("sin", "192.0.16.0/24", 40, 0, 8);
        report("sin", "192.0.17.0/24", 40, 0, 8);
        Map<String, @Nullable PathMeasurement[]> all = all();
        Map<String, Double> inherited = Map.of("192.0.0.0/16", 4.0, "192.0.0.0/20", 2.0, "192.0.2.0/24", 1.0);
        inherited.forEach((prefix, evidence) -> {
            PathMeasurement compiled = Objects.requireNonNull(Objects.requireNonNull(all.get(prefix))[1]);
            assertThat(compiled.evidence()).as(prefix).isEqualTo(evidence);
            assertThat(Objects.requireNonNull(find("sin", prefix)).measurement())
                    .as(prefix)
                    .isEqualTo(compiled);
        });
    }

    @Test
    void coveringPrefixesComeBeforeThoseTheyCover() {
        report("fra", "192.0.2.0/24", 20, 0, 10);
        report("fra", "192.0.200.0/24", 20, 0, 10);
        report("sin", "192.0.3.0/24", 20, 0, 10);
        report("sin", "10.0.0.0/8", 20, 0, 10);

        assertThat(all().keySet())
                .containsExactly(
                        "10.0.0.0/8", "192.0.0.0/16", "192.0.0.0/20", "192.0.2.0/24", "192.0.3.0/24", "192.0.200.0/24");
    }

    @Test
    void aViewStaysTheSameObjectUntilSomethingIsReportedOrAges() {
        assertThat(map.view(now, false)).isSameAs(PathSource.NONE);
        report("fra", "192.0.2.0/24", 20, 0, 10);
        PathSource view = map.view(now, false);
        assertThat(map.view(now + 2_000, false)).isSameAs(view);
        assertThat(map.view(now + 2_000, true)).isNotSameAs(view);
        report("fra", "192.0.2.0/24", 20, 0, 10);
        assertThat(map.view(now + 2_000, false)).isNotSameAs(view);
    }
}
