package com.kingcdn.systemtest.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.registry.AccessRule;
import com.kingcdn.redirector.registry.ConfigFile;
import com.kingcdn.redirector.registry.HttpsSettings;
import com.kingcdn.redirector.registry.RemoteServer;
import com.kingcdn.redirector.registry.ZonePolicy;
import com.kingcdn.topology.AnswerSettings;
import com.kingcdn.topology.Capacity;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.Distribution;
import com.kingcdn.topology.EdgeNode;
import com.kingcdn.topology.IpPrefix;
import com.kingcdn.topology.Placement;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The file that the chart configures the redirector by, as the redirector itself reads it. */
class ChartConfigurationTest {

    private static FakeApiServer kubernetes;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() throws IOException {
        kubernetes = new FakeApiServer();
    }

    @AfterAll
    static void stop() {
        kubernetes.close();
    }

    /** The redirector's own reader takes the file, and each node it names is a pod with a Service of its address. */
    @ParameterizedTest
    @MethodSource(Chart.VALUES_WITH_REDIRECTOR)
    void theRedirectorUnderstandsItsConfiguration(Path values) throws IOException {
        Manifests rendered = Manifests.parse(Chart.render(values));
        ConfigFile config = Chart.configuration(rendered, directory);

        for (Cluster cluster : config.clusters()) {
            StatefulSet pods = rendered.one(StatefulSet.class, Chart.NAME + "-edge-" + cluster.id());
            assertThat(pods.getSpec().getReplicas()).isEqualTo(cluster.nodes().size());
            for (EdgeNode node : cluster.nodes()) {
                Service service = rendered.one(Service.class, node.id());
                assertThat(service.getSpec().getSelector())
                        .containsEntry("statefulset.kubernetes.io/pod-name", node.id());
                assertThat(node.id()).startsWith(pods.getMetadata().getName() + "-");
                assertThat(service.getSpec().getPorts().get(0).getPort()).isEqualTo(node.port());
                assertThat(node.peer())
                        .as("as its siblings reach it")
                        .isEqualTo(service.getMetadata().getName() + ":" + node.port());
            }
        }
        assertThat(config.distributions()).isNotEmpty();
        assertThat(config.distributions().get(0).origins().get(0).url().toString())
                .doesNotContain("{{");
    }

    /** One CDN in two Kubernetes clusters: what the one with the redirector says of nodes is what the other one makes. */
    @Test
    void edgesMayBeInAnotherKubernetesCluster() throws IOException {
        Path values = Chart.FILES.resolve("ci").resolve(Chart.ELSEWHERE);
        Manifests there = Manifests.parse(Chart.render(values));
        Path here = Files.writeString(
                directory.resolve("values.yaml"),
                Files.readString(values).replace("[fra, shield]", "[nyc]").replace("dns: {enabled: false}", ""));
        ConfigFile config = Chart.configuration(Manifests.parse(Chart.render(here)), directory);

        assertThat(there.all(StatefulSet.class)).hasSize(2);
        assertThat(there.properties())
                .filteredOn(property -> property.startsWith("kingcdn.edge.control.url="))
                .containsOnly("kingcdn.edge.control.url=https://control.kingcdn.example");
        for (Cluster cluster : config.clusters()) {
            boolean inside = cluster.id().equals("nyc");
            assertThat(cluster.nodes()).allSatisfy(node -> {
                assertThat(node.peer() != null)
                        .as("%s has a name inside", node.id())
                        .isEqualTo(inside);
                if (!inside) {
                    there.one(Service.class, node.id());
                }
            });
        }
    }

    /** YAML would make numbers of such names, which Kubernetes refuses where names belong. */
    @Test
    void namesMayLookLikeNumbers() throws IOException {
        Path values = directory.resolve("values.yaml");
        Files.writeString(
                values,
                """
                tsigKeys: [{name: "20260101", secret: "4711", key: "0815"}]
                clusters: [{id: "31337", place: {latitude: 1, longitude: 2}, nodes: [{ipv4: 192.0.2.1}]}]
                tokens: {existingSecret: "90210"}
                edge: {disk: {storageClass: "8086"}, tls: {certificates: [{host: default, secret: "68000"}]}}
                dns: {storageClass: "6502", cookies: {secret: "8087"}, geo: {existingClaim: "1e3"}, doh: {tlsSecret: "0x7e9a"}, dot: {enabled: true, tlsSecret: "65816"}}
                origin: {storageClass: "1_000"}
                """);
        String rendered = Chart.render(values);
        List<Object> misread = new ArrayList<>();
        for (Object document : Manifests.documents(rendered)) {
            collect(document, misread);
        }
        String redirector = Objects.requireNonNull(Manifests.parse(rendered)
                .one(ConfigMap.class, Chart.NAME + "-dns-redirector")
                .getData()
                .get("cdn.yaml"));
        for (Object document : Manifests.documents(redirector)) {
            collect(document, misread);
        }
        assertThat(misread)
                .doesNotContain(20260101, 4711, 815, 31337, 90210, 8086, 68000, 6502, 1e3, 0x7e9a, 65816, 8087, 1000);
        assertThat(rendered)
                .contains("\"20260101\"", "\"4711\"", "\"0815\"", "\"31337\"", "\"90210\"", "\"8086\"", "\"68000\"")
                .contains("\"6502\"", "\"1e3\"", "\"0x7e9a\"", "\"65816\"", "\"8087\"", "\"1_000\"");
    }

    private static void collect(Object value, List<Object> numbers) {
        if (value instanceof Map<?, ?> fields) {
            fields.values().forEach(each -> collect(each, numbers));
        } else if (value instanceof List<?> items) {
            items.forEach(each -> collect(each, numbers));
        } else if (value instanceof Number) {
            numbers.add(value);
        }
    }

    @Test
    void clustersAskTheirShield() throws IOException {
        List<Cluster> clusters = Chart.configuration(Chart.full(), directory).clusters();

        assertThat(clusters)
                .filteredOn(cluster -> cluster.parent() != null)
                .hasSize(2)
                .allSatisfy(child -> assertThat(clusters)
                        .anyMatch(cluster ->
                                cluster.id().equals(child.parent()) && cluster.role() == ClusterRole.PARENT));
    }

    @Test
    void zonesAreSignedThatAreToBe() throws IOException {
        ConfigFile config = Chart.configuration(Chart.full(), directory);

        assertThat(config.zones())
                .extracting(zone -> zone.name() + " " + zone.dnssec())
                .containsExactly("kingcdn.example true", "netcinema.example true", "unsigned.example false");
    }

    @Test
    void otherServersTakeChangeAndAreToldOfZonesByTheirKeys() throws IOException {
        ConfigFile config = Chart.configuration(Chart.full(), directory);

        assertThat(config.keys())
                .extracting(key -> key.name() + " " + key.algorithm())
                .containsExactly("xfr hmac-sha512", "dyn.kingcdn.example hmac-sha256");
        ZonePolicy policy = config.zones().get(0).policy();
        assertThat(policy.transfer())
                .containsExactly(new AccessRule(
                        "xfr", List.of(IpPrefix.parse("192.0.2.0/24"), IpPrefix.parse("2001:db8:9::/48")), List.of()));
        assertThat(policy.update())
                .containsExactly(new AccessRule("dyn.kingcdn.example", List.of(), List.of("*.dyn.kingcdn.example")));
        assertThat(policy.notified())
                .extracting(server -> server.address().getPort() + " " + server.key())
                .containsExactly("5353 xfr", "53 null");
        assertThat(config.secondaries()).singleElement().satisfies(copied -> {
            assertThat(copied.name()).isEqualTo("customer.example");
            assertThat(copied.primaries()).extracting(RemoteServer::key).containsExactly("xfr");
        });
    }

    @Test
    void clustersAndDistributionsHaveTheirLimits() throws IOException {
        Manifests rendered = Chart.full();
        ConfigFile config = Chart.configuration(rendered, directory);

        assertThat(config.clusters().get(0).capacity()).isEqualTo(new Capacity(10_000.0, 50_000.0));
        assertThat(config.distributions().get(0).placement())
                .isEqualTo(new Placement(List.of("ams", "isp"), new Capacity(2_000.0, null)));
        assertThat(rendered.properties())
                .contains(
                        "kingcdn.edge.capacity.megabits-per-second=5000",
                        "kingcdn.edge.capacity.requests-per-second=20000");
        assertThat(Manifests.parse(Chart.render(Chart.FILES.resolve("values.yaml")))
                        .properties())
                .noneMatch(property -> property.startsWith("kingcdn.edge.capacity"));
    }

    @Test
    void whateverTheFileKnowsTheValuesSay() throws IOException {
        ConfigFile config = Chart.configuration(Chart.full(), directory);

        Distribution film = config.distributions().get(0);
        assertThat(film.answers()).isEqualTo(new AnswerSettings(2, AnswerSettings.Order.WEIGHT));
        assertThat(film.cache()).isNotNull();
        assertThat(film.query()).isNotNull();
        assertThat(film.headers()).isNotNull();
        assertThat(film.delivery()).isNotNull();
        assertThat(film.upstream()).isNotNull();
        assertThat(film.limits()).isNotNull();
        assertThat(film.signing()).isNotNull();
        assertThat(config.distributions().get(1).origins())
                .extracting(origin -> origin.weight() + " " + origin.backup())
                .containsExactly("3 false", "1 true");
        assertThat(config.distributions().get(1).answers().sharedWith()).isEqualTo("a1107");
        assertThat(config.clusters()).filteredOn(Cluster::drained).hasSize(1);
        assertThat(config.probe().mostTargets()).isEqualTo(500);
        assertThat(config.probe().resolvers()).isFalse();
    }

    @Test
    void httpsIsAnnouncedOnlyWhereThatIsAskedFor() throws IOException {
        assertThat(Chart.configuration(Chart.full(), directory).https())
                .isEqualTo(new HttpsSettings(List.of("h3", "h2"), 443));
        Manifests plain = Manifests.parse(Chart.render(Chart.FILES.resolve("values.yaml")));
        assertThat(Chart.configuration(plain, directory).https()).isEqualTo(HttpsSettings.NONE);
    }
}
