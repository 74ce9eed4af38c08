package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A redirector that is restarted answers by what edges had measured before, from the first answer on. */
class RestartIT {

    private static final int PREFIXES = 500;
    private static final int EACH = 10;
    /** Of delays that lie between 5 and 205 ms. */
    private static final double NEAR_MILLIS = 20;
    /** A round moves a part of all. */
    private static final double MOST = 0.8;

    private static final int CLUSTERS = 8;

    @TempDir
    Path directory;

    private final List<IpPrefix> prefixes = ReportingEdges.prefixes(PREFIXES);

    /** How many of every tenth prefix are led to a cluster near them. */
    private double near(LoneRedirector redirector, ReportingEdges edges) throws IOException, InterruptedException {
        int near = 0;
        for (int i = 0; i < PREFIXES; i += EACH) {
            int chosen = Integer.parseInt(
                    redirector.explain(prefixes.get(i)).get("chosen").asString().substring(1));
            near += edges.millis(chosen, i) < edges.leastMillis(i) + NEAR_MILLIS ? 1 : 0;
        }
        return near / (double) (PREFIXES / EACH);
    }

    private void measure(LoneRedirector redirector, ReportingEdges edges) throws Exception {
        redirector.start();
        redirector.awaitReady();
        assertThat(near(redirector, edges)).as("nothing is known").isLessThan(0.5);
        edges.reportAll();
        await("rounds lead clients to clusters near them")
                .atMost(Duration.ofSeconds(60))
                .until(() -> near(redirector, edges) > MOST);
    }

    private void assertKept(LoneRedirector redirector, ReportingEdges edges) throws IOException, InterruptedException {
        redirector.start();
        redirector.awaitReady();
        assertThat(redirector.explain(prefixes.get(0)).get("candidates").get(0).has("measuredFor"))
                .as("the first answer")
                .isTrue();
        assertThat(near(redirector, edges)).isGreaterThan(MOST);
    }

    private LoneRedirector redirector(String... settings) throws IOException, InterruptedException {
        return new LoneRedirector(
                directory,
                CLUSTERS,
                "assumed",
                ServiceJar.java(ServiceJar.unpacked("dns-redirector"), "128m"),
                settings);
    }

    @Test
    void whatWasMeasuredIsThereAfterAnOrderlyStop() throws Exception {
        try (LoneRedirector redirector = redirector();
                ReportingEdges edges = new ReportingEdges(redirector, CLUSTERS, prefixes)) {
            measure(redirector, edges);
            redirector.process().stop();
            assertKept(redirector, edges);
        }
    }

    private static boolean isWhole(Path file) throws IOException {
        return Files.exists(file) && Files.size(file) > 16L * PREFIXES * CLUSTERS;
    }

    @Test
    void whatWasWrittenLastIsThereAfterAKill() throws Exception {
        try (LoneRedirector redirector = redirector("--kingcdn.redirector.rtt.keep-every=1s");
                ReportingEdges edges = new ReportingEdges(redirector, CLUSTERS, prefixes)) {
            measure(redirector, edges);
            Path file = directory.resolve("state/rtt-map");
            await("written").atMost(Duration.ofSeconds(30)).until(() -> isWhole(file));
            redirector.process().kill9();
            assertKept(redirector, edges);
        }
    }
}
