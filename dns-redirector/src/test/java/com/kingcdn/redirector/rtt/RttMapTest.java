package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.kingcdn.control.RttReport;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.redirector.routing.PathMeasurement;
import com.kingcdn.redirector.routing.PathSource;
import com.kingcdn.redirector.routing.PathSource.KnownPath;
import com.kingcdn.topology.IpPrefix;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        map.view(now, true).forEach(CLUSTERS, (prefix, paths) -> result.put(prefix.toString(), paths.clone()));
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

    @Test
    void aReportOfLostProbesAloneTellsNothingOfTheDelay() {
        report("fra", "192.0.2.0/24", 20, 0, 10);
        report("fra", "192.0.2.0/24", 0, 1, 10);

        KnownPath found = find("fra", "192.0.2.1");
        assertThat(found).isNotNull();
        assertThat(found.measurement().rttMillis()).isEqualTo(20);
        assertThat(found.measurement().loss()).isEqualTo(0.5);
    }

    @Test
    void evidenceHalvesInTenMinutesUntilItIsForgotten() {
        report("fra", "192.0.2.0/24", 20, 0, 8);
        now += PathTable.HALF_LIFE_MILLIS;
        KnownPath found = find("fra", "192.0.2.1");
        assertThat(found).isNotNull();
        assertThat(found.measurement().evidence()).isCloseTo(4, within(0.02));

        now += 6 * PathTable.HALF_LIFE_MILLIS;
        assertThat(find("fra", "192.0.2.1")).isNull();
        assertThat(map.size()).isZero();
    }

    @Test
    void narrowPrefixesAreKeptAsTheWidthThatAnswersAreMadeFor() {
        report("fra", "192.0.2.53/32", 20, 0, 8);
        report("fra", "2001:db8:1:2::/64", 30, 0, 8);

        assertThat(all().keySet()).containsExactlyInAnyOrder("192.0.2.0/24", "2001:db8:1:0:0:0:0:0/48");
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
