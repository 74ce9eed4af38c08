package com.kingcdn.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.HealthReport;
import com.kingcdn.edge.agent.FakeRedirector;
import com.kingcdn.edge.upstream.RawOrigin;
import com.kingcdn.topology.Distribution;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The end of an edge's process, as signals bring it. */
@Timeout(180)
class LeaveIT {

    private static final int BY_SIGTERM = 128 + 15;

    @TempDir
    Path directory;

    private final RawOrigin origin = new RawOrigin((head, in, out) -> {
        out.write("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\nok"
                .getBytes(StandardCharsets.US_ASCII));
        return true;
    });
    private final FakeRedirector redirector = new FakeRedirector(0);

    @AfterEach
    void stop() {
        redirector.close();
        origin.close();
    }

    private EdgeProcess start(String leave) throws IOException {
        redirector.configure(new ConfigSnapshot(
                1,
                "kingcdn.example",
                List.of(new Distribution("a1105", List.of(EdgeProcess.HOST), List.of(origin.endpoint()), null)),
                List.of()));
        EdgeProcess edge = new EdgeProcess(
                "nyc-1",
                "nyc",
                EdgeProcess.freePort(),
                redirector.url(),
                directory.resolve("nyc-1"),
                "--kingcdn.edge.leave=" + leave);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> edge.serves("/ready") && lastHealth().ready());
        return edge;
    }

    private HealthReport lastHealth() {
        List<HealthReport> reports = redirector.health;
        return reports.isEmpty()
                ? new HealthReport("none", "none", false, 0, 0, null, null)
                : reports.get(reports.size() - 1);
    }

    @Test
    void anEdgeThatLeavesSaysSo_servesOn_andEnds() throws Exception {
        try (EdgeProcess edge = start("8s")) {
            edge.terminate();
            await().until(() -> !lastHealth().ready());
            assertThat(edge.fetch("/hit-or-miss").status()).isEqualTo(200);
            // what it serves it also forgets, as long as it serves
            long purged = redirector.purge("http://" + EdgeProcess.HOST + "/ready");
            await().until(() -> redirector.health.stream().anyMatch(report -> report.appliedSequence() == purged));
            assertThat(lastHealth().ready()).isFalse();
            assertThat(edge.fetch("/ready").cacheStatus().toString()).contains("fwd=");
            assertThat(edge.awaitEnd()).isEqualTo(BY_SIGTERM);
            assertThat(edge.log()).contains("leaving").doesNotContain("\tat ", "LEAK");
        }
    }

    @Test
    void aSecondSignalEndsItAtOnce() throws Exception {
        try (EdgeProcess edge = start("1h")) {
            edge.terminate();
            await().until(() -> !lastHealth().ready());
            assertThat(edge.fetch("/hit-or-miss").status()).isEqualTo(200);
            edge.terminate();
            assertThat(edge.awaitEnd()).isEqualTo(BY_SIGTERM);
            assertThat(edge.log()).contains("no more time to leave").doesNotContain("\tat ", "LEAK");
        }
    }

    @Test
    void withoutTimeToLeaveItEndsAtOnce() throws Exception {
        try (EdgeProcess edge = start("0s")) {
            edge.terminate();
            assertThat(edge.awaitEnd()).isEqualTo(BY_SIGTERM);
            assertThat(lastHealth().ready()).isFalse();
            assertThat(edge.log()).doesNotContain("leaving", "\tat ", "LEAK");
        }
    }
}
