package com.kingcdn.redirector.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ControlEvent;
import com.kingcdn.control.PurgeMode;
import com.kingcdn.control.PurgeRequest;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed while it accepts purges and clusters has lost nothing that it acknowledged. */
final class JournalKillIT {

    private static final String ACKNOWLEDGED = "acknowledged ";
    private static final int ACKNOWLEDGED_BEFORE_KILL = 60;

    @TempDir
    Path directory;

    /** The process that is killed: accepts for ever, and says what it has acknowledged. */
    static final class Victim {

        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            ControlStore store = new JournalControlStore(Path.of(arguments[0]), 20_000);
            Registries registries = new Registries(store, Clock.systemUTC());
            store.open(registries);
            for (int i = 0; ; i++) {
                PurgeRequest request =
                        PurgeRequest.ofUrls(PurgeMode.HARD, List.of("http://video.netcinema.example/" + i));
                ControlEvent.Purge purge =
                        registries.purges().accept(request, i).get();
                String id = "c" + i;
                store.append(new ControlChange.ClusterPut(Topologies.cluster(id, 1)))
                        .get();
                System.out.println(ACKNOWLEDGED + purge.sequence() + " " + purge.id() + " " + id + " .");
                System.out.flush();
            }
        }
    }

    @RepeatedTest(3)
    @Timeout(60)
    void nothingAcknowledgedIsMissing() throws Exception {
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        directory.toString())
                .redirectErrorStream(false)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> acknowledged = new ArrayList<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(ACKNOWLEDGED)) {
                    acknowledged.add(line.substring(ACKNOWLEDGED.length()));
                }
                if (acknowledged.size() == ACKNOWLEDGED_BEFORE_KILL) {
                    // SIGKILL; by its handle, which leaves the pipe open with what it had said by then
                    victim.toHandle().destroyForcibly();
                }
            }
        }
        assertThat(victim.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(ACKNOWLEDGED_BEFORE_KILL);

        checkAllThere(acknowledged);
    }

    private void checkAllThere(List<String> acknowledged) {
        ControlStore store = new JournalControlStore(directory, Long.MAX_VALUE);
        Registries registries = new Registries(store, Clock.systemUTC());
        store.open(registries);
        List<ControlChange> changes = registries.changes();
        for (String line : acknowledged) {
            String[] parts = line.split(" ");
            if (parts.length < 4) {
                // the kill cut the line off
                continue;
            }
            assertThat(registries.purges().find(parts[1]))
                    .hasValueSatisfying(
                            purge -> assertThat(purge.event().sequence()).isEqualTo(Long.parseLong(parts[0])));
            assertThat(changes).contains(new ControlChange.ClusterPut(Topologies.cluster(parts[2], 1)));
        }
        assertThat(registries.events().after(0, Integer.MAX_VALUE))
                .extracting(event -> ((ControlEvent.Purge) event).sequence())
                .isSorted()
                .doesNotHaveDuplicates()
                .startsWith(1L);
        store.close();
    }
}
