package com.kingcdn.redirector.registry;

import static com.kingcdn.redirector.registry.Topologies.cluster;
import static com.kingcdn.redirector.registry.Topologies.distribution;
import static com.kingcdn.redirector.registry.Topologies.sharing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.topology.Capacity;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.Placement;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ConfigRegistryTest {

    private static final String FILE =
            """
            zones:
              - {name: kingcdn.example, file: zone, cdn: true}
            distributions:
              - id: a1105
                hosts: [video.netcinema.example]
                origins: [{url: "http://127.0.0.1:8600"}]
            clusters:
              - id: fra
                place: {latitude: 50, longitude: 8}
                nodes: [{id: fra-1, ipv4: 192.0.2.1}]
            """;

    private final Clock clock = Clock.fixed(Instant.ofEpochMilli(1_000), ZoneOffset.UTC);
    private Registries registries = new Registries(new MemoryControlStore(), clock);
    private ConfigRegistry config = registries.config();

    private static ConfigFile file(String yaml) {
        return new ConfigFileReader(zone -> {}).parse(Path.of("/cdn.yaml"), yaml, path -> "");
    }

    @BeforeEach
    void open() {
        restart();
    }

    /** A new process on what the one before has kept. */
    private void restart() {
        ControlStore store = new MemoryControlStore();
        Registries next = new Registries(store, clock);
        store.open(next);
        registries.changes().forEach(next::apply);
        registries = next;
        config = next.config();
        config.replaceFile(file(FILE));
    }

    @Test
    void theApisObjectsStandBesideTheFiles() {
        assertThat(config.putCluster(cluster("sin", 1))).isTrue();
        assertThat(config.putCluster(cluster("sin", 2))).isFalse();
        assertThat(config.putDistribution(distribution("b2", "b.example"))).isTrue();

        assertThat(config.require().clusters()).extracting("id").containsExactly("fra", "sin");
        assertThat(config.require().distributions()).extracting("id").containsExactly("a1105", "b2");
        assertThat(config.require().isClusterOfFile("fra")).isTrue();
        assertThat(config.require().isClusterOfFile("sin")).isFalse();
        assertThat(config.require().serves("b.example")).isTrue();
        assertThat(config.require().serves("b2.kingcdn.example")).isTrue();
        assertThat(config.require().serves("c.example")).isFalse();
    }

    /** What is durable has to be a configuration: else no redirector starts with it. */
    @Test
    void aDistributionStaysAsLongAsOthersShareItsAnswers() {
        config.putDistribution(distribution("b2", "b.example"));
        config.putDistribution(sharing("c3", "b2", null));
        assertThatThrownBy(() -> config.removeDistribution("b2"))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("c3");
        assertThat(config.require().distribution("b2")).isPresent();

        restart();
        assertThat(config.require().distributions()).extracting("id").containsExactly("a1105", "b2", "c3");
        assertThat(config.removeDistribution("c3")).isTrue();
        assertThat(config.removeDistribution("b2")).isTrue();
        assertThat(config.require().distributions()).extracting("id").containsExactly("a1105");
    }

    @Test
    void theFilesObjectsAreTheFilesToChange() {
        assertThatThrownBy(() -> config.putCluster(cluster("fra", 1)))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("stands in the configuration file");
        assertThatThrownBy(() -> config.removeCluster("fra")).isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> config.putDistribution(distribution("a1105"))).isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> config.removeDistribution("a1105")).isInstanceOf(ConflictException.class);
    }

    @Test
    void aHostBelongsToOneDistribution() {
        assertThatThrownBy(() -> config.putDistribution(distribution("b2", "video.netcinema.example")))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("belongs to distribution 'a1105' already");
        assertThat(config.require().distribution("b2")).isEmpty();
    }

    @Test
    void aHostMayLieInTheCdnsZoneButNotWhereAnEdgeHostnameIs() {
        assertThat(config.putDistribution(distribution("b2", "www.kingcdn.example")))
                .isTrue();
        assertThatThrownBy(() -> config.putDistribution(distribution("b3", "a1105.kingcdn.example")))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("the edge hostname of distribution 'a1105' is a host of distribution 'b3'");
    }

    @Test
    void aNodeBelongsToOneCluster() {
        config.putCluster(cluster("sin", 1));

        assertThatThrownBy(() -> config.replaceFile(file(FILE.replace("fra-1", "sin-1"))))
                .isInstanceOf(ConfigFileException.class)
                .hasMessageContaining("node 'sin-1' of cluster 'sin' belongs to cluster 'fra' already");
    }

    @Test
    void answersAreSharedWithADistributionThatIsThere_onTheSameClusters() {
        Placement onFra = new Placement(List.of("fra"), null);
        config.putDistribution(distribution("main"));
        config.putDistribution(sharing("b2", "main", null));
        config.putDistribution(distribution("fra-main", onFra));
        config.putDistribution(sharing("b3", "fra-main", onFra));

        assertRefused(sharing("b4", "nothing", null), "which is no distribution");
        assertRefused(sharing("b4", "b4", null), "which is itself");
        assertRefused(sharing("b4", "b2", null), "which shares another's itself");
        assertRefused(sharing("b4", "fra-main", null), "which is placed on other clusters");
        assertRefused(
                sharing("b4", "main", new Placement(List.of(), new Capacity(100.0, null))), "a capacity of its own");
        assertThatThrownBy(() -> config.removeDistribution("main"))
                .isInstanceOf(ConflictException.class)
                .hasMessage("distribution 'b2' shares answers with 'main', which is no distribution");
    }

    private void assertRefused(Distribution distribution, String why) {
        assertThatThrownBy(() -> config.putDistribution(distribution))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining(why);
    }

    private static Cluster withParent(Cluster cluster, ClusterRole role, @Nullable String parent) {
        return new Cluster(cluster.id(), cluster.place(), null, role, null, null, false, cluster.nodes(), parent, null);
    }

    @Test
    void parentsAreThereAndAreParentsAndFormNoCircle() {
        config.putCluster(withParent(cluster("shield", 1), ClusterRole.PARENT, null));
        config.putCluster(withParent(cluster("lon", 1), ClusterRole.EDGE, "shield"));

        assertThatThrownBy(() -> config.putCluster(withParent(cluster("par", 1), ClusterRole.EDGE, "nowhere")))
                .isInstanceOf(ConflictException.class)
                .hasMessage("parent 'nowhere' of cluster 'par' is no cluster");
        assertThatThrownBy(() -> config.putCluster(withParent(cluster("par", 1), ClusterRole.EDGE, "lon")))
                .isInstanceOf(ConflictException.class)
                .hasMessage("parent 'lon' of cluster 'par' is a cluster without 'role: parent'");
        config.putCluster(withParent(cluster("top", 1), ClusterRole.PARENT, "shield"));
        assertThatThrownBy(() -> config.putCluster(withParent(cluster("shield", 1), ClusterRole.PARENT, "top")))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("form a circle");
        assertThatThrownBy(() -> config.removeCluster("shield"))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("is no cluster");
        restart();
        assertThat(config.require().cluster("lon").orElseThrow().parent()).isEqualTo("shield");
    }

    @Test
    void aFileThatTakesAnIdOfTheApiIsRefusedWithItsLine() {
        config.putCluster(cluster("sin", 1));
        config.putDistribution(distribution("b2"));
        Configuration before = config.require();

        assertThatThrownBy(() -> config.replaceFile(file(FILE.replace("id: a1105", "id: b2"))))
                .isInstanceOf(ConfigFileException.class)
                .hasMessageContaining("distribution 'b2' is there twice");
        assertThat(config.require()).isEqualTo(before);
    }

    @Test
    void aFileWithTwoCdnZonesOrNoneIsRefusedWithItsLine() {
        String two = FILE.replace("distributions:", "  - {name: other.example, file: zone, cdn: true}\ndistributions:");

        assertThatThrownBy(() -> config.replaceFile(file(two)))
                .isInstanceOf(ConfigFileException.class)
                .hasMessageStartingWith("/cdn.yaml:3: ")
                .hasMessageContaining("is the CDN's zone already");
        assertThatThrownBy(() -> config.replaceFile(file(FILE.replace(", cdn: true", ""))))
                .isInstanceOf(ConfigFileException.class)
                .hasMessageStartingWith("/cdn.yaml:1: ");
    }

    @Test
    void drainingAClusterOfTheFileSurvivesRestartAndReload() {
        assertThat(config.drain("fra", true).orElseThrow().drained()).isTrue();
        restart();
        assertThat(config.require().cluster("fra").orElseThrow().drained()).isTrue();
        config.replaceFile(file(FILE + "ttl: {address: 30s}\n"));
        assertThat(config.require().cluster("fra").orElseThrow().drained()).isTrue();
        assertThat(config.drain("fra", false).orElseThrow().drained()).isFalse();
        assertThat(config.drain("none", true)).isEmpty();
    }

    @Test
    void drainingAClusterOfTheApiIsPartOfIt() {
        config.putCluster(cluster("sin", 1));
        config.drain("sin", true);
        restart();

        assertThat(config.require().cluster("sin").orElseThrow().drained()).isTrue();
        assertThat(config.drain("sin", false).orElseThrow().drained()).isFalse();
    }

    @Test
    void whatTheFileDrainsOnlyTheFileCanTakeBack() {
        config.replaceFile(file(FILE.replace("  - id: fra", "  - id: fra\n    drained: true")));

        assertThatThrownBy(() -> config.drain("fra", false))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("drained by the configuration file");
    }

    private long version() {
        return Objects.requireNonNull(config.snapshot()).version();
    }

    @Test
    void theVersionGrowsWithEachChangeAndStaysOverARestart() {
        long first = version();
        config.putCluster(cluster("sin", 1));
        long second = version();
        restart();

        assertThat(first).isEqualTo(1_000);
        assertThat(second).isGreaterThan(first);
        assertThat(version()).isEqualTo(second);
        config.removeCluster("sin");
        assertThat(version()).isGreaterThan(second);
    }

    @Test
    void listenersHearOfChangesOnly() {
        AtomicInteger heard = new AtomicInteger();
        config.subscribe(heard::incrementAndGet);

        config.replaceFile(file(FILE));
        config.drain("fra", false);
        assertThat(heard).hasValue(0);
        config.putCluster(cluster("sin", 1));
        assertThat(heard).hasValue(1);
    }
}
