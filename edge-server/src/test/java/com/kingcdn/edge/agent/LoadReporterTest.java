package com.kingcdn.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.ControlJson;
import com.kingcdn.control.LoadReport;
import com.kingcdn.control.client.ControlPlaneClient;
import com.kingcdn.edge.distribution.DistributionTable;
import com.kingcdn.edge.distribution.DistributionTraffic;
import com.kingcdn.topology.Capacity;
import com.kingcdn.topology.Distribution;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;

@NullMarked
class LoadReporterTest {

    private static final long SECOND = 1_000_000_000L;

    @Test
    void reportsMeansSinceTheLastReport() {
        AtomicLong requests = new AtomicLong(1_000);
        AtomicLong bytes = new AtomicLong(50_000);
        Capacity capacity = new Capacity(500.0, null);
        LoadCounters counters = new LoadCounters(requests::get, bytes::get, () -> 7, capacity);
        DistributionTable distributions = DistributionTable.empty();
        Distribution limited = distribution("live", ", \"placement\": {\"capacity\": {\"requestsPerSecond\": 100}}");
        Distribution other = distribution("other", "");
        distributions.replace(new ConfigSnapshot(1, "kingcdn.example", List.of(limited, other), List.of()));
        try (ControlPlaneClient control =
                new ControlPlaneClient(List.of(URI.create("http://127.0.0.1:1")), FakeRedirector.TOKEN)) {
            LoadReporter reporter = new LoadReporter(
                    new EdgeIdentity("n", "c"), control, counters, distributions.traffic(), Schedulers.immediate());
            reporter.measure(10 * SECOND);
            requests.addAndGet(500);
            bytes.addAndGet(1_000_000);
            count(distributions, limited, 20, 1_000);
            assertThat(distributions.traffic().of(other))
                    .as("without a limit nothing is counted")
                    .isNull();
            assertThat(reporter.measure(15 * SECOND))
                    .isEqualTo(new LoadReport(
                            "n",
                            "c",
                            100,
                            1_600_000,
                            7,
                            capacity,
                            List.of(new LoadReport.OfDistribution("live", 4, 32_000))));
            // another configuration with the same limit goes on counting
            distributions.replace(new ConfigSnapshot(2, "kingcdn.example", List.of(limited), List.of()));
            count(distributions, limited, 5, 0);
            assertThat(reporter.measure(20 * SECOND))
                    .isEqualTo(new LoadReport(
                            "n", "c", 0, 0, 7, capacity, List.of(new LoadReport.OfDistribution("live", 1, 0))));
            distributions.replace(new ConfigSnapshot(3, "kingcdn.example", List.of(other), List.of()));
            assertThat(reporter.measure(25 * SECOND)).isEqualTo(new LoadReport("n", "c", 0, 0, 7, capacity, null));
        }
    }

    private static void count(DistributionTable distributions, Distribution distribution, int requests, long each) {
        DistributionTraffic.Counter counter =
                Objects.requireNonNull(distributions.traffic().of(distribution));
        for (int i = 0; i < requests; i++) {
            counter.answered();
            counter.sent(each);
        }
    }

    /** @param more keys of the control API's JSON */
    private static Distribution distribution(String id, String more) {
        return ControlJson.mapper()
                .readValue(
                        "{\"id\": \"" + id + "\", \"origins\": [{\"url\": \"http://127.0.0.1:8600\"}]" + more + "}",
                        Distribution.class);
    }
}
