package com.kingcdn.redirector.rtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.kingcdn.control.RttReport;
import com.kingcdn.control.RttReport.Measurement;
import com.kingcdn.topology.IpPrefix;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RttKeeperTest {

    private static final IpPrefix CLIENTS = IpPrefix.parse("192.0.2.0/24");
    private static final Duration NEVER = Duration.ofDays(1);
    private static final Duration OFTEN = Duration.ofMillis(20);

    @TempDir
    Path directory;

    private RttMap map = new RttMap();

    private Path file() {
        return directory.resolve("rtt-map");
    }

    private RttKeeper keeper(Duration every) {
        return new RttKeeper(map, file(), every, Clock.systemUTC(), System::currentTimeMillis);
    }

    private void report(String cluster) {
        map.report(
                new RttReport(cluster + "-1", cluster, List.of(new Measurement(CLIENTS, 12, 1.0, 0.0, 10))),
                System.currentTimeMillis());
    }

    private List<String> read() {
        map = new RttMap();
        try (RttKeeper next = keeper(NEVER)) {
            next.start();
        }
        return map.clusters();
    }

    private static double metric(String name) {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_rtt_" + name);
    }

    @Test
    void whatIsKnownAtTheEndIsKnownAtTheNextStart() {
        RttKeeper keeper = keeper(NEVER);
        keeper.start();
        report("fra");
        keeper.close();
        assertThat(metric("kept_timestamp_seconds"))
                .isBetween(System.currentTimeMillis() / 1000.0 - 60, System.currentTimeMillis() / 1000.0);
        report("sin");
        keeper.close();

        assertThat(read()).as("and written once").containsExactly("fra");
    }

    @Test
    void itIsWrittenNowAndThen() {
        try (RttKeeper keeper = keeper(OFTEN)) {
            keeper.start();
            report("fra");
            await().until(() -> Files.exists(file())
                    && RttFile.read(new RttMap(), file(), System.currentTimeMillis(), System.currentTimeMillis()) == 1);
        }
    }

    @Test
    void aDiskThatTakesNothingLeavesTheFileAndIsTriedAgain() throws IOException {
        report("fra");
        RttKeeper first = keeper(NEVER);
        first.start();
        first.close();
        byte[] before = Files.readAllBytes(file());
        // a directory where the temporary would be: opening it for writing fails as a full or broken disk does
        Path inTheWay = Files.createDirectory(directory.resolve(".rtt-map.tmp"));
        Path full = Files.writeString(inTheWay.resolve("full"), "");

        try (RttKeeper keeper = keeper(OFTEN)) {
            double failures = metric("keep_failures_total");
            keeper.start();
            report("sin");
            await().until(() -> metric("keep_failures_total") > failures + 2);
            assertThat(file()).hasBinaryContent(before);

            Files.delete(full);
            Files.delete(inTheWay);
        }
        assertThat(read()).containsExactly("fra", "sin");
    }

    @Test
    void aDamagedFileIsNotUsed_andReplaced() throws IOException {
        Files.writeString(file(), "nothing that a redirector has written, and long enough to be something");
        try (RttKeeper keeper = keeper(NEVER)) {
            double failures = metric("keep_failures_total");
            keeper.start();
            assertThat(metric("keep_failures_total")).isEqualTo(failures + 1);
            assertThat(map.size()).isZero();
            report("fra");
        }
        assertThat(read()).containsExactly("fra");
    }

    @Test
    void withoutAFileNothingIsKept() {
        try (RttKeeper keeper = new RttKeeper(map, null, NEVER, Clock.systemUTC(), System::currentTimeMillis)) {
            keeper.start();
        }
        assertThat(directory).isEmptyDirectory();
    }
}
