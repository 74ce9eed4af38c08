package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.topology.IpPrefix;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The map is rebuilt from what edges report while queries are answered from it; {@link RebuildBenchmark} does it in large. */
class RebuildIT {

    private static final int PREFIXES = 2_000;
    private static final int CLUSTERS = 20;
    private static final int PER_SECOND = 1_000;
    /** Of delays that lie between 5 and 205 ms. */
    private static final double NEAR_MILLIS = 20;

    private static final int MOST_SECONDS = 90;
    private static final String COMPILE = "kingcdn_redirector_snapshot_compile_seconds_count";

    @TempDir
    Path directory;

    @Test
    void noQueryIsLostWhileTheMapIsRebuiltAndSwapped_andAnswersGoByWhatWasReported() throws Exception {
        List<IpPrefix> prefixes = ReportingEdges.prefixes(PREFIXES);
        try (LoneRedirector redirector = new LoneRedirector(
                        directory,
                        CLUSTERS,
                        "assumed",
                        ServiceJar.java(ServiceJar.unpacked("dns-redirector"), "192m"));
                ReportingEdges edges = new ReportingEdges(redirector, CLUSTERS, prefixes)) {
            redirector.start();
            redirector.awaitReady();
            DnsLoad load = new DnsLoad(new DnsLoad.Plan(
                    List.of(redirector.dns()),
                    PER_SECOND,
                    PER_SECOND * MOST_SECONDS,
                    LoneRedirector.question(prefixes),
                    Duration.ofSeconds(1),
                    false));
            CompletableFuture<DnsLoad.Result> running = CompletableFuture.supplyAsync(() -> run(load));
            double before = redirector.metric(COMPILE);
            edges.reportAll();
            int[] round = {0};
            await("rebuilds with reports coming in")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> {
                        edges.reportOnce(round[0]++, 50);
                        return redirector.metric(COMPILE) >= before + 3;
                    });
            load.stop();
            DnsLoad.Result result = running.join();
            System.out.printf("%.0f rebuilds: %s%n", redirector.metric(COMPILE) - before, result);
            assertThat(result.unanswered()).isZero();
            assertThat(result.wrong()).isZero();
            await("clients at one of the clusters that are near them, though a round moves but a share of all")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> isNear(redirector, edges, prefixes));
        }
    }

    private static boolean isNear(LoneRedirector redirector, ReportingEdges edges, List<IpPrefix> prefixes)
            throws IOException, InterruptedException {
        for (int i = 0; i < PREFIXES; i += PREFIXES / 20) {
            JsonNode explained = redirector.explain(prefixes.get(i));
            int chosen = Integer.parseInt(explained.get("chosen").asString().substring(1));
            if (explained.get("reason").asString().equals("measurement")
                    && chosen > 0
                    && edges.millis(chosen, i) < edges.leastMillis(i) + NEAR_MILLIS) {
                return true;
            }
        }
        return false;
    }

    private static DnsLoad.Result run(DnsLoad load) {
        try {
            return load.run();
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }
}
