package com.kingcdn.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.LoadReport;
import com.kingcdn.control.client.ControlPlaneClient;
import com.kingcdn.topology.Capacity;
import java.net.URI;
import java.util.List;
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
        try (ControlPlaneClient control =
                new ControlPlaneClient(List.of(URI.create("http://127.0.0.1:1")), FakeRedirector.TOKEN)) {
            LoadReporter reporter =
                    new LoadReporter(new EdgeIdentity("n", "c"), control, counters, Schedulers.immediate());
            reporter.measure(10 * SECOND);
            requests.addAndGet(500);
            bytes.addAndGet(1_000_000);
            assertThat(reporter.measure(15 * SECOND))
                    .isEqualTo(new LoadReport("n", "c", 100, 1_600_000, 7, capacity, null));
            assertThat(reporter.measure(20 * SECOND)).isEqualTo(new LoadReport("n", "c", 0, 0, 7, capacity, null));
        }
    }
}
