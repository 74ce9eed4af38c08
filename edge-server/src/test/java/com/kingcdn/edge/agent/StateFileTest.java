package com.kingcdn.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.control.ConfigSnapshot;
import com.kingcdn.control.FillPlan;
import com.kingcdn.edge.agent.LogPosition.KnownFill;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class StateFileTest {

    private static final ConfigSnapshot CONFIG = FakeEdge.config(7, "video.netcinema.example");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private Path path;

    @SuppressWarnings("NullAway.Init")
    private StateFile<ConfigSnapshot> file;

    @BeforeEach
    void name() {
        path = directory.resolve("not/yet/config.json");
        file = new StateFile<>(path, ConfigSnapshot.class);
    }

    @Test
    void givesBackWhatWasWrittenLast() throws IOException {
        assertThat(file.read()).isNull();
        file.write(FakeEdge.config(6));
        file.write(CONFIG);
        assertThat(file.read()).isEqualTo(CONFIG);
        assertThat(path).content(StandardCharsets.UTF_8).startsWith("kingcdn-edge-state 1 ");
    }

    @Test
    void aPositionKeepsItsFills() throws IOException {
        FillPlan plan = new FillPlan(
                "a1105", List.of("/x"), List.of("nyc"), Instant.parse("2026-11-22T02:00:00Z"), null, 1_000_000);
        LogPosition position = new LogPosition(42L, 9, List.of(new KnownFill("f1", plan, true)));
        StateFile<LogPosition> positions = new StateFile<>(path, LogPosition.class);
        positions.write(position);
        assertThat(positions.read()).isEqualTo(position);
        positions.write(LogPosition.UNKNOWN);
        assertThat(positions.read()).isEqualTo(LogPosition.UNKNOWN);
    }

    @Test
    void everyDamagedByteIsNoticed_andTheFileSetAside() throws IOException {
        file.write(CONFIG);
        byte[] whole = Files.readAllBytes(path);
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 0x20;
            Files.write(path, damaged);
            assertThat(file.read()).as("byte %s", i).isNull();
            assertThat(path.resolveSibling("config.json.damaged")).hasBinaryContent(damaged);
            assertThat(path).doesNotExist();
        }
    }

    @Test
    void aTornFileCountsAsAbsent() throws IOException {
        file.write(CONFIG);
        byte[] whole = Files.readAllBytes(path);
        for (int length = 0; length < whole.length; length++) {
            Files.write(path, java.util.Arrays.copyOf(whole, length));
            assertThat(file.read()).as("%s bytes", length).isNull();
        }
    }
}
