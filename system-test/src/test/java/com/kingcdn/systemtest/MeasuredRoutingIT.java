package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Answers go by what edges measure: they move when a path becomes slow, and go back to geography when nothing can be measured any more. */
@ExtendWith(LocalCdnExtension.class)
class MeasuredRoutingIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Longer than the time between two probes of a round, and shorter than that between two rounds. */
    private static final Duration BETWEEN_ROUNDS = Duration.ofSeconds(1);

    /** Near fra, in the demo database. */
    private static final String WIDE = "130.83.0.0/16";

    private static final String NARROW = "130.83.16.0/24";

    private final LocalCdn cdn;
    private final DelayingResolver ofNarrow;
    private final DelayingResolver ofWide;

    MeasuredRoutingIT(LocalCdn cdn) throws IOException {
        this.cdn = cdn;
        ofNarrow = resolver(101);
        ofWide = resolver(102);
    }

    private DelayingResolver resolver(int host) throws IOException {
        DelayingResolver resolver = new DelayingResolver(cdn.address(host), cdn.probedPort());
        resolver.delay(cdn.edge("fra"), 10);
        resolver.delay(cdn.edge("nyc"), 50);
        resolver.delay(cdn.edge("sin"), 120);
        return resolver;
    }

    @BeforeEach
    void haveThemProbed() throws IOException {
        String probe =
                """
                probe:
                  localTargets: true
                  targets: [{prefix: %s, address: %s}, {prefix: %s, address: %s}]
                """
                        .formatted(NARROW, cdn.address(101), WIDE, cdn.address(102));
        cdn.files().replaceYaml(cdn.files().configuration() + probe);
    }

    @AfterEach
    void leaveThemAlone() throws Exception {
        cdn.files().replaceYaml(cdn.files().configuration());
        ofNarrow.close();
        ofWide.close();
    }

    private String answered(String subnet) throws IOException, InterruptedException {
        Dig.Answer answer = Dig.query(cdn, LocalCdn.EDGE_HOSTNAME, "+subnet=" + subnet);
        return String.join(" ", answer.data("A"));
    }

    private JsonNode measured(String cluster, String client) throws IOException, InterruptedException {
        JsonNode explained = cdn.controlApi()
                .get("/explain?name=" + LocalCdn.EDGE_HOSTNAME + "&ecs=" + client)
                .body();
        for (JsonNode candidate : explained.get("candidates")) {
            if (candidate.get("cluster").asString().equals(cluster)) {
                return candidate;
            }
        }
        throw new AssertionError("no " + cluster + " in " + explained);
    }

    private void awaitMeasuredFor(String prefix) {
        await("measured for " + prefix).atMost(PATIENCE).untilAsserted(() -> {
            for (String cluster : LocalCdn.CLUSTERS) {
                assertThat(measured(cluster, NARROW).path("measuredFor").asString(""))
                        .as(cluster)
                        .isEqualTo(prefix);
            }
        });
    }

    @Test
    void answersMoveFromANearClusterThatBecomesSlow_andGoBackToGeographyWithoutAnswersToProbes() throws Exception {
        awaitMeasuredFor(NARROW);
        assertThat(measured("fra", NARROW).path("method").asString("")).isEqualTo("dns");
        assertThat(answered(NARROW)).as("near, and fast").isEqualTo(cdn.edge("fra"));

        assertMovesWithinTwoProbePeriods(path -> path.delay(cdn.edge("fra"), 300));

        ofNarrow.die();
        awaitMeasuredFor(WIDE);
        ofWide.die();
        await("geography").atMost(PATIENCE).untilAsserted(() -> {
            assertThat(measured("fra", NARROW).has("measuredFor")).isFalse();
            assertThat(answered(NARROW)).isEqualTo(cdn.edge("fra"));
        });
    }

    @Test
    void answersMoveFromANearClusterWhosePathBecomesLossy() throws Exception {
        awaitMeasuredFor(NARROW);
        assertThat(answered(NARROW)).as("near, and nothing is lost").isEqualTo(cdn.edge("fra"));

        assertMovesWithinTwoProbePeriods(path -> path.answerOneOf(cdn.edge("fra"), 3));
        assertThat(measured("fra", NARROW).path("loss").asDouble(0)).isBetween(0.1, 0.8);
        assertThat(measured("fra", NARROW).path("rttMillis").asDouble(0))
                .as("no slower than it was: it is the loss that counts")
                .isLessThan(measured("nyc", NARROW).path("rttMillis").asDouble(0));

        ofNarrow.answerOneOf(cdn.edge("fra"), 1);
        ofWide.answerOneOf(cdn.edge("fra"), 1);
        await("back when nothing is lost any more").atMost(PATIENCE).until(() -> answered(NARROW)
                .equals(cdn.edge("fra")));
    }

    @Test
    void aResolverThatAsksIsProbed_andItsAnswersGoByThat() throws Exception {
        String address = cdn.address(103);
        try (DelayingResolver asking = resolver(103)) {
            asking.delay(cdn.edge("nyc"), 90);
            asking.delay(cdn.edge("sin"), 5);
            await("measured").atMost(PATIENCE).untilAsserted(() -> {
                Dig.Answer answer = Dig.query(cdn, LocalCdn.EDGE_HOSTNAME, "-b", address);
                assertThat(answer.data("A"))
                        .as("no place is known of it: by default it would be the first")
                        .containsExactly(cdn.edge("sin"));
            });
            // two clusters' probes may have settled it before the third has begun
            await("probed by all").atMost(PATIENCE).untilAsserted(() -> {
                for (String cluster : LocalCdn.CLUSTERS) {
                    assertThat(asking.asked(cdn.edge(cluster))).as(cluster).isPositive();
                }
            });
        }
    }

    /**
     * From the near cluster to the next, after something has been done to its path between two rounds. Until a round's outcome is in an answer,
     * the next may have begun: a second is waited for each probe, one more until the edge reports, and two until the map is made anew.
     */
    private void assertMovesWithinTwoProbePeriods(Consumer<DelayingResolver> change) {
        String fra = cdn.edge("fra");
        await("the end of a round").atMost(PATIENCE).until(() -> ofNarrow.isQuiet(fra, BETWEEN_ROUNDS));
        int before = ofNarrow.asked(fra);
        change.accept(ofNarrow);
        change.accept(ofWide);
        await("an answer elsewhere")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> answered(NARROW).equals(cdn.edge("nyc")));
        assertThat(ofNarrow.asked(fra) - before)
                .as("probes of two rounds, and of a third while the outcome of the second is on its way")
                .isLessThanOrEqualTo(3 * LocalCdn.PROBES);
    }
}
