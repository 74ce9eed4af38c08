package com.kingcdn.redirector.registry;

import static com.kingcdn.redirector.registry.Topologies.cluster;
import static com.kingcdn.redirector.registry.Topologies.distribution;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.kingcdn.redirector.registry.ControlChange.ConfigVersioned;
import com.kingcdn.redirector.registry.ControlStoreException.Kind;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A change of the configuration is durable and holds, or it is neither: whatever the disk does, and whatever the caller waited for. */
class UnsettledChangeTest {

    private static final String FILE = "zones:\n  - {name: kingcdn.example, file: zone, cdn: true}\n";

    private final SlowControlStore store = new SlowControlStore();
    private final Registries registries =
            new Registries(store, Clock.fixed(Instant.ofEpochMilli(1_000), ZoneOffset.UTC));
    private final ConfigRegistry config = registries.config();

    private static ConfigFile file(String yaml) {
        return new ConfigFileReader(zone -> {}).parse(Path.of("/cdn.yaml"), yaml, path -> "");
    }

    @BeforeEach
    void open() {
        store.open(registries);
        config.replaceFile(file(FILE));
    }

    private long version() {
        return Objects.requireNonNull(config.snapshot()).version();
    }

    private boolean holds(String distribution) {
        return config.require().distribution(distribution).isPresent();
    }

    @Test
    void holdsThoughItsNumberCannotBeKept() {
        long before = version();
        store.refuse(change -> change instanceof ConfigVersioned);
        assertThat(config.putDistribution(distribution("b2", "b.example"))).isTrue();
        assertThat(holds("b2")).isTrue();
        assertThat(version()).isGreaterThan(before);

        long second = version();
        assertThat(config.removeDistribution("b2")).isTrue();
        assertThat(version()).as("edges never see a number twice").isGreaterThan(second);
    }

    @Test
    void doesNotHoldWhenItCannotBeKept() {
        store.refuse(change -> true);
        assertThatThrownBy(() -> config.putDistribution(distribution("b2", "b.example")))
                .isInstanceOf(ControlStoreException.class);
        assertThat(holds("b2")).isFalse();
        assertThat(registries.changes()).noneMatch(change -> change instanceof ControlChange.DistributionPut);
    }

    @Test
    void holdsAsSoonAsItIsWrittenLate() {
        store.slow();
        // as impatient as a caller can be
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> config.putDistribution(distribution("b2", "b.example")))
                .isInstanceOf(ControlStoreException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(holds("b2")).isFalse();

        assertThatThrownBy(() -> config.putDistribution(distribution("c3", "b.example")))
                .as("which would contradict the first one if that is written")
                .isInstanceOfSatisfying(
                        ControlStoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BUSY));
        assertThatThrownBy(() -> config.replaceFile(file(FILE + "ttl: {host: 1h}\n")))
                .isInstanceOf(ControlStoreException.class);

        store.write();
        await().until(() -> holds("b2"));
        assertThatThrownBy(() -> config.putDistribution(distribution("c3", "b.example")))
                .isInstanceOf(ConflictException.class);
        assertThat(config.putDistribution(distribution("c3", "c.example"))).isTrue();
        assertThat(holds("c3")).isTrue();
    }

    /** Else a change that is made of what was there before would take back one that was written late. */
    @Test
    void isThereForWhoeverComesNext() {
        config.putCluster(cluster("fra", 1));
        store.slow();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> config.putCluster(cluster("fra", 2))).isInstanceOf(ControlStoreException.class);
        assertThat(Thread.interrupted()).isTrue();

        store.write();
        assertThat(config.drain("fra", true).orElseThrow().nodes()).hasSize(2);
        assertThat(config.require().cluster("fra").orElseThrow().nodes()).hasSize(2);
    }
}
