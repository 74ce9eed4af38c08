package com.kingcdn.edge.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process in the middle of its writes, several times over one directory. */
class DiskTierKillTest {

    @TempDir
    Path directory;

    private static final DiskTierFixture.Found NOTHING = new DiskTierFixture.Found("", List.of(), false);

    private final Map<EntryId, Integer> stored = new HashMap<>();
    private final Set<EntryId> removed = new HashSet<>();

    @Test
    @Timeout(60)
    void whatWasCompleteIsAHitAndNothingIsWrong() throws Exception {
        Random random = new Random(4);
        for (int round = 0; round < 4; round++) {
            writeAndKill(50 + random.nextInt(200), 0);
            verify();
        }
        // and while it still reads what it had
        writeAndKill(5, 20);
        verify();
        assertThat(removed).hasSizeGreaterThan(20);
    }

    /** Lets the process go on until it has printed so many lines. */
    private void writeAndKill(int lines, int readMillis) throws IOException, InterruptedException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process victim = new ProcessBuilder(List.of(
                        java,
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath,
                        DiskTierVictim.class.getName(),
                        directory.toString(),
                        Integer.toString(readMillis)))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(victim.getInputStream(), StandardCharsets.US_ASCII))) {
            int seen = 0;
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                seen += take(line);
                if (seen == lines) {
                    // by its handle, which leaves the pipe open: what it has printed counts
                    victim.toHandle().destroyForcibly();
                }
            }
            assertThat(seen).isGreaterThanOrEqualTo(lines);
        } finally {
            victim.destroyForcibly().waitFor();
        }
    }

    private int take(String line) {
        String[] words = line.split(" ");
        boolean whole = (words.length == 4 && words[0].equals("+")) || (words.length == 3 && words[0].equals("-"));
        if (!whole) {
            return 0;
        }
        EntryId id = new EntryId(Long.parseLong(words[1]), Long.parseLong(words[2]));
        if (words[0].equals("+")) {
            stored.put(id, Integer.valueOf(words[3]));
        } else {
            removed.add(id);
        }
        return 1;
    }

    private void verify() {
        try (DiskTierFixture disk = new DiskTierFixture(directory, FileChannel::open, DiskTierVictim.CAPACITY)) {
            disk.tier.loaded().join();
            Map<EntryId, DiskTierFixture.Found> found = disk.found();
            assertThat(found).doesNotContainKeys(removed.toArray(EntryId[]::new));
            found.forEach((id, entry) -> {
                assertThat(entry.metadata()).isEqualTo(DiskTierFixture.text(id, 0));
                entry.blocks().forEach(block -> disk.assertHit(id, block));
            });
            stored.keySet().removeAll(removed);
            Set<EntryId> missing = new HashSet<>(stored.keySet());
            missing.removeAll(found.keySet());
            assertThat(missing)
                    .as("one removal may have been written whose line was not")
                    .hasSizeLessThanOrEqualTo(1);
            removed.addAll(missing);
            stored.keySet().removeAll(missing);
            stored.forEach((id, blocks) ->
                    assertThat(found.getOrDefault(id, NOTHING).blocks()).hasSize(blocks));
        }
    }
}
