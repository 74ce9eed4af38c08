package com.kingcdn.redirector.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConfigFileWatcherTest {

    @TempDir
    Path directory;

    private Path yaml;
    private Path zone;
    private ConfigRegistry config;
    private ConfigFileWatcher watcher;
    private int writes;

    @BeforeEach
    void begin() throws IOException {
        yaml = directory.resolve("cdn.yaml");
        zone = directory.resolve("zone");
        write(zone, "first");
        write(yaml, yaml("fra"));
        restart();
    }

    @AfterEach
    void end() {
        watcher.close();
    }

    private void restart() {
        ControlStore store = new MemoryControlStore();
        Registries registries = new Registries(store, Clock.systemUTC());
        store.open(registries);
        config = registries.config();
        watcher = new ConfigFileWatcher(
                yaml,
                new ConfigFileReader(source -> {
                    if (source.text().contains("broken")) {
                        throw new IllegalArgumentException(source.file() + ":1: broken");
                    }
                }),
                config,
                directory.resolve("saved.json"));
    }

    private static String yaml(String cluster) {
        return """
                zones:
                  - {name: kingcdn.example, file: zone, cdn: true}
                clusters:
                  - id: %s
                    place: {latitude: 50, longitude: 8}
                    nodes: [{id: node-1, ipv4: 192.0.2.1}]
                """
                .formatted(cluster);
    }

    private void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        // each write is another moment, however coarse the file system's clock is
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_000_000 + ++writes)));
    }

    private static double valid() {
        return CollectorRegistry.defaultRegistry.getSampleValue("kingcdn_redirector_config_valid");
    }

    private static double reloads(String result) {
        return CollectorRegistry.defaultRegistry.getSampleValue(
                "kingcdn_redirector_config_reloads_total", new String[] {"result"}, new String[] {result});
    }

    private String cluster() {
        return config.require().clusters().get(0).id();
    }

    @Test
    void takesTheFileAgainWhenItHasChanged() throws IOException {
        watcher.start();
        double before = reloads("applied");
        write(yaml, yaml("sin"));
        watcher.poll();
        watcher.poll();

        assertThat(cluster()).isEqualTo("sin");
        assertThat(reloads("applied")).isEqualTo(before + 1);
    }

    @Test
    void takesAZoneFileThatHasChanged() throws IOException {
        watcher.start();
        write(zone, "second");
        watcher.poll();

        assertThat(config.require().zones().get(0).text()).isEqualTo("second");
    }

    @Test
    void followsASymbolicLinkThatIsSwappedAsKubernetesDoes() throws IOException {
        Path volume = Files.createDirectory(directory.resolve("volume"));
        for (String version : new String[] {"one", "two"}) {
            Path content = Files.createDirectory(volume.resolve(version));
            write(content.resolve("zone"), version);
            write(content.resolve("cdn.yaml"), yaml(version));
        }
        Files.createSymbolicLink(volume.resolve("data"), Path.of("one"));
        yaml = Files.createSymbolicLink(volume.resolve("cdn.yaml"), Path.of("data/cdn.yaml"));
        Files.createSymbolicLink(volume.resolve("zone"), Path.of("data/zone"));
        restart();
        watcher.start();
        assertThat(cluster()).isEqualTo("one");

        Files.createSymbolicLink(volume.resolve("data.new"), Path.of("two"));
        Files.move(volume.resolve("data.new"), volume.resolve("data"), StandardCopyOption.ATOMIC_MOVE);
        watcher.poll();

        assertThat(cluster()).isEqualTo("two");
        assertThat(config.require().zones().get(0).text()).isEqualTo("two");
    }

    @Test
    void anInvalidFileChangesNothingUntilItIsCorrected() throws IOException {
        watcher.start();
        Configuration before = config.require();
        double refusedBefore = reloads("refused");
        write(yaml, yaml("sin") + "colour: red\n");
        watcher.poll();
        watcher.poll();

        assertThat(config.require()).isSameAs(before);
        assertThat(valid()).isZero();
        assertThat(reloads("refused")).isEqualTo(refusedBefore + 1);

        write(yaml, yaml("sin"));
        watcher.poll();
        assertThat(cluster()).isEqualTo("sin");
        assertThat(valid()).isEqualTo(1);
    }

    @Test
    void aFileThatIsGoneForAMomentChangesNothing() throws IOException {
        watcher.start();
        Files.delete(yaml);
        watcher.poll();
        assertThat(cluster()).isEqualTo("fra");
        assertThat(valid()).isZero();

        write(yaml, yaml("fra"));
        watcher.poll();
        assertThat(valid()).isEqualTo(1);
    }

    /** As it is while an editor, or a shell, writes it anew. */
    @Test
    void aFileThatIsEmptyForAMomentChangesNothing() throws IOException {
        watcher.start();
        for (String nothing : new String[] {"", "# soon\n", "---\n# soon\n"}) {
            write(yaml, nothing);
            watcher.poll();
            assertThat(cluster()).isEqualTo("fra");
            assertThat(valid()).isZero();
        }
    }

    @Test
    void startsFromTheLastValidConfigurationBesideABrokenFile() throws IOException {
        watcher.start();
        watcher.close();
        write(zone, "broken");
        write(yaml, "clusters: [");
        restart();
        watcher.start();

        assertThat(cluster()).isEqualTo("fra");
        assertThat(config.require().zones().get(0).text()).isEqualTo("first");
        assertThat(valid()).isZero();
    }

    @Test
    void doesNotStartWithABrokenFileAndNothingElse() throws IOException {
        write(zone, "broken");

        assertThatThrownBy(watcher::start)
                .isInstanceOf(ConfigFileException.class)
                .hasMessageStartingWith(yaml + ":2: ")
                .hasMessageContaining("broken");
    }
}
