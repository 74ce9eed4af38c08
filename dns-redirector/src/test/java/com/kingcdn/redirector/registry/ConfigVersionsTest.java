package com.kingcdn.redirector.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.registry.ControlChange.ConfigVersioned;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Edges tell by its number whether a configuration is news. */
class ConfigVersionsTest {

    private static final String FILE = "zones:\n  - {name: kingcdn.example, file: zone, cdn: true}\n";

    private final SlowControlStore store = new SlowControlStore();
    private final Clock clock = Clock.fixed(Instant.ofEpochMilli(1_000), ZoneOffset.UTC);
    private final ConfigVersions versions = new ConfigVersions(store, clock);

    @BeforeEach
    void keepNothing() {
        store.refuse(change -> true);
    }

    private static Configuration with(String... distributions) {
        ConfigFile file = new ConfigFileReader(zone -> {}).parse(Path.of("/cdn.yaml"), FILE, path -> "");
        return Configuration.merge(
                file,
                new Configuration.Additions(
                        List.of(distributions).stream()
                                .map(id -> Topologies.distribution(id, id + ".example"))
                                .toList(),
                        List.of(),
                        Set.of()));
    }

    @Test
    void goUpWithEachDifferenceThoughTheClockStands() {
        assertThat(versions.number(with()).version()).isEqualTo(1_000);
        assertThat(versions.number(with()).version()).as("the same").isEqualTo(1_000);
        assertThat(versions.number(with("b2")).version()).isEqualTo(1_001);
        assertThat(versions.number(with()).version())
                .as("as it was before, but later")
                .isEqualTo(1_002);
        assertThat(store.appended()).isEqualTo(3);
    }

    @Test
    void goOnFromTheHighestThatWasKept() {
        versions.number(with("b2"));
        ConfigVersioned kept = (ConfigVersioned) versions.changes().get(0);
        ConfigVersions next = new ConfigVersions(store, clock);
        assertThat(next.changes()).isEmpty();
        next.apply(new ConfigVersioned(5_000, kept.digest()));
        next.apply(kept);
        assertThat(next.number(with("b2")).version())
                .as("the same over a restart")
                .isEqualTo(5_000);
        assertThat(next.number(with()).version()).isEqualTo(5_001);
    }
}
