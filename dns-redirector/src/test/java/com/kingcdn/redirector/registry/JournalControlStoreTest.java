package com.kingcdn.redirector.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JournalControlStoreTest extends ControlStoreContract {

    private static final long NEVER = Long.MAX_VALUE;

    @TempDir
    Path directory;

    @Override
    ControlStore store() {
        return new JournalControlStore(directory.resolve("journal"), NEVER);
    }

    private static void append(ControlStore store, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            store.append(change(i)).get(10, TimeUnit.SECONDS);
        }
    }

    private List<Path> journals() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("journal"))) {
            return files.filter(file -> file.toString().endsWith(".journal")).toList();
        }
    }

    @Test
    void whatWasAcknowledgedIsThereAfterOpeningAgain() throws Exception {
        ControlStore before = store();
        open(before);
        append(before, 0, 3);
        before.close();

        assertThat(open(store()).applied).containsExactly(change(0), change(1), change(2));
    }

    @Test
    void goesOnBehindATornTail() throws Exception {
        ControlStore before = store();
        open(before);
        append(before, 0, 2);
        before.close();
        Path journal = journals().get(0);
        Files.write(journal, new byte[] {0, 0, 0, 90, 1, 2, 3, 4, '['}, StandardOpenOption.APPEND);

        ControlStore after = store();
        assertThat(open(after).applied).containsExactly(change(0), change(1));
        append(after, 2, 3);
        after.close();

        assertThat(open(store()).applied).containsExactly(change(0), change(1), change(2));
    }

    @Test
    void refusesAJournalThatIsDamagedBeforeItsEnd() throws Exception {
        ControlStore before = store();
        open(before);
        append(before, 0, 3);
        before.close();
        Path journal = journals().get(0);
        byte[] bytes = Files.readAllBytes(journal);
        bytes[20] ^= 1;
        Files.write(journal, bytes);

        assertThatThrownBy(() -> store().open(new Recorded()))
                .isInstanceOfSatisfying(ControlStoreException.class, e -> assertThat(e.kind())
                        .isEqualTo(ControlStoreException.Kind.DAMAGED))
                .hasMessageContaining(journal.toString())
                .hasMessageContaining("damaged at byte 8");
    }

    @Test
    void refusesAChangeOfAnotherVersion() throws Exception {
        Files.createDirectories(directory.resolve("journal"));
        try (JournalFile file = JournalFile.create(directory.resolve("journal/control-0000000001.journal"))) {
            file.append("[{\"change\": \"of-tomorrow\"}]".getBytes(StandardCharsets.UTF_8));
        }

        assertThatThrownBy(() -> store().open(new Recorded()))
                .isInstanceOf(ControlStoreException.class)
                .hasMessageContaining("does not know")
                .hasMessageContaining("of-tomorrow");
    }

    @Test
    void oneProcessAtATimeUsesADirectory() {
        open(store());

        assertThatThrownBy(() -> store().open(new Recorded()))
                .isInstanceOf(ControlStoreException.class)
                .hasMessageContaining("another redirector");
    }

    @Test
    void compactionKeepsTheStateAndDropsItsHistory() throws Exception {
        ControlStore store = new JournalControlStore(directory.resolve("journal"), 2_000);
        Registries before = new Registries(store, Clock.systemUTC());
        store.open(before);
        for (int i = 0; i < 200; i++) {
            store.append(new ControlChange.ClusterPut(Topologies.cluster("c" + i % 3, 1 + i % 5)))
                    .get(10, TimeUnit.SECONDS);
        }
        store.close();

        assertThat(journals()).hasSize(1);
        assertThat(journals().get(0).getFileName().toString()).isGreaterThan("control-0000000001.journal");
        assertThat(Files.size(journals().get(0))).isLessThan(4_000);
        assertReadBack(before);
    }

    /** As the updates of a zone with long TXT records: together they are longer than a frame may be. */
    @Test
    void compactsAZoneOfLongRecords() throws Exception {
        ControlStore store = new JournalControlStore(directory.resolve("journal"), 2_000);
        Registries before = new Registries(store, Clock.systemUTC());
        store.open(before);
        for (int i = 0; i < 250; i++) {
            String record = i + "x".repeat(80_000);
            store.append(new ControlChange.ZoneChanged("kingcdn.example", i, "digest", Map.of(record, 60L)))
                    .get(10, TimeUnit.SECONDS);
        }
        store.close();

        assertThat(journals().get(0).getFileName().toString()).isGreaterThan("control-0000000004.journal");
        assertReadBack(before);
    }

    private void assertReadBack(Registries before) {
        ControlStore store = store();
        Registries after = new Registries(store, Clock.systemUTC());
        store.open(after);
        assertThat(after.changes()).isEqualTo(before.changes());
        store.close();
    }

    /** As an update that deletes thousands of long records at once: it is refused, and not all that comes after it. */
    @Test
    void refusesAChangeThatIsLongerThanAFrame() throws Exception {
        ControlStore store = store();
        open(store);
        Map<String, Long> records = new HashMap<>();
        for (int i = 0; i < 250; i++) {
            records.put(i + "x".repeat(80_000), ZoneOverlays.AS_IN_FILE);
        }
        ControlChange tooLong = new ControlChange.ZoneChanged("kingcdn.example", 2, "digest", records);
        assertThatThrownBy(() -> store.append(tooLong))
                .isInstanceOfSatisfying(ControlStoreException.class, e -> assertThat(e.kind())
                        .isEqualTo(ControlStoreException.Kind.TOO_LONG));
        append(store, 0, 1);
        store.close();

        assertThat(open(store()).applied).containsExactly(change(0));
    }

    /** As when no buffer is to be had: those who wait are told, and those who come later. */
    @Test
    void wantOfMemoryLeavesNobodyWaiting() {
        ControlStore store = store();
        store.open(new ControlState() {
            @Override
            public void apply(ControlChange change) {
                throw new OutOfMemoryError("as thrown when the heap is full");
            }

            @Override
            public List<ControlChange> changes() {
                return List.of();
            }
        });
        assertThat(store.append(change(0))).failsWithin(Duration.ofSeconds(10));
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThatThrownBy(() -> store.append(change(1)))
                .isInstanceOfSatisfying(ControlStoreException.class, e -> assertThat(e.kind())
                        .isEqualTo(ControlStoreException.Kind.STOPPED))
                .hasMessageContaining("accepts no changes until a restart"));
        store.close();
    }

    @Test
    void aCompactionThatACrashInterruptedLeavesTheOldGeneration() throws Exception {
        ControlStore before = store();
        open(before);
        append(before, 0, 2);
        before.close();
        Files.writeString(directory.resolve("journal/control-0000000002.journal.new"), "KCJRNL1\nhalf");

        assertThat(open(store()).applied).containsExactly(change(0), change(1));
        assertThat(directory.resolve("journal/control-0000000002.journal.new")).doesNotExist();
    }
}
