package com.kingcdn.redirector.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.HealthReport;
import com.kingcdn.redirector.registry.Topologies;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.HealthMode;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ClusterHealthTest {

    private static final long OPEN = 10_000;
    private static final long AFTER_GRACE = OPEN + ClusterHealth.GRACE_MILLIS;

    private final List<Cluster> clusters = List.of(Topologies.cluster("fra", 2), Topologies.cluster("sin", 1));
    private final ClusterHealth health = opened(List.of());

    private static ClusterHealth opened(List<String> downBefore) {
        ClusterHealth made = new ClusterHealth(downBefore);
        made.reportsOpen(OPEN);
        return made;
    }

    private static HealthReport report(String node, String cluster, boolean ready) {
        return new HealthReport(node, cluster, ready, 0, 0, null, null);
    }

    @Test
    void beforeReportsCanComeInSilenceSaysNothing() {
        assertThat(new ClusterHealth(List.of("sin-1")).upNodes(clusters, Long.MAX_VALUE - 1))
                .containsExactlyInAnyOrder("fra-1", "fra-2");
    }

    @Test
    void inTheGraceNodesAreAsTheyWereBefore() {
        assertThat(opened(List.of("fra-1")).upNodes(clusters, AFTER_GRACE - 1))
                .containsExactlyInAnyOrder("fra-2", "sin-1");
    }

    @Test
    void whoHasNotReportedAfterTheGraceIsDown() {
        assertThat(health.upNodes(clusters, AFTER_GRACE)).isEmpty();
    }

    @Test
    void aNodeIsUpWhileItsReportIsYoung() {
        health.report(report("fra-1", "fra", true), AFTER_GRACE);

        assertThat(health.upNodes(clusters, AFTER_GRACE + ClusterHealth.SILENCE_MILLIS))
                .containsExactly("fra-1");
        assertThat(health.upNodes(clusters, AFTER_GRACE + ClusterHealth.SILENCE_MILLIS + 1))
                .isEmpty();
    }

    @Test
    void aSilentNodeIsDownWithinThreeSecondsOfItsLastReport() {
        assertThat(ClusterHealth.SILENCE_MILLIS).isLessThan(3_000 - 250);
    }

    @Test
    void aNodeThatIsNotReadyIsDownAtOnceAlsoInTheGrace() {
        health.report(report("fra-1", "fra", false), OPEN + 1);

        assertThat(health.upNodes(clusters, OPEN + 1)).doesNotContain("fra-1").contains("fra-2");
    }

    @Test
    void aNodeThatWasDownIsUpWithItsFirstReport() {
        ClusterHealth restarted = opened(List.of("fra-1"));
        restarted.report(report("fra-1", "fra", true), OPEN + 1);

        assertThat(restarted.upNodes(clusters, OPEN + 1)).contains("fra-1");
    }

    /** As it does when it leaves and comes back. */
    @Test
    void aNodeThatWasNotReadyIsUpWithTheReportThatSaysItIs() {
        health.report(report("fra-1", "fra", true), AFTER_GRACE);
        health.report(report("fra-1", "fra", false), AFTER_GRACE + 1);
        assertThat(health.upNodes(clusters, AFTER_GRACE + 1)).isEmpty();

        health.report(report("fra-1", "fra", true), AFTER_GRACE + 2);
        assertThat(health.upNodes(clusters, AFTER_GRACE + 2)).containsExactly("fra-1");
    }

    @Test
    void aReportCountsForTheClusterItNames() {
        health.report(report("fra-1", "sin", true), AFTER_GRACE);

        assertThat(health.upNodes(clusters, AFTER_GRACE)).isEmpty();
    }

    @Test
    void assumedHealthIsAlwaysUp() {
        Cluster fra = clusters.get(0);
        Cluster assumed = new Cluster("fra", fra.place(), null, null, null, HealthMode.ASSUMED, false, fra.nodes());
        health.report(report("fra-1", "fra", false), AFTER_GRACE);

        assertThat(health.upNodes(List.of(assumed), AFTER_GRACE)).containsExactlyInAnyOrder("fra-1", "fra-2");
    }

    @Test
    void liveAreThoseWhoReportReadyOrNot() {
        health.report(report("fra-1", "fra", false), OPEN);
        health.report(report("sin-1", "sin", true), OPEN + 1_000);

        assertThat(health.live(OPEN + 1_500)).hasSize(2);
        assertThat(health.live(OPEN + ClusterHealth.SILENCE_MILLIS + 1))
                .extracting(node -> node.report().node())
                .containsExactly("sin-1");
        assertThat(health.node("fra-1", OPEN + 7).orElseThrow().silentMillis()).isEqualTo(7);
        assertThat(health.node("fra-2", OPEN)).isEmpty();
    }
}
