package com.kingcdn.systemtest.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.redirector.registry.ConfigFile;
import com.kingcdn.redirector.registry.ConfigFileReader;
import com.kingcdn.redirector.zone.ZoneFile;
import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterRole;
import com.kingcdn.topology.EdgeNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ChartTest {

    private static final Path CHART = Path.of("../helm/kingcdn");
    private static final String KUBERNETES = "1.31.0";
    private static final String NAME = "cdn-kingcdn";

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

    @BeforeEach
    void forget() {
        kubernetes.clear();
    }

    /** The chart's own values, and each file of ci/. */
    static List<Path> values() throws IOException {
        try (Stream<Path> files = Files.list(CHART.resolve("ci"))) {
            List<Path> all = new ArrayList<>(files.sorted().toList());
            assertThat(all).hasSizeGreaterThanOrEqualTo(3);
            all.add(CHART.resolve("values.yaml"));
            return all;
        }
    }

    @Test
    void isWithoutFaultToLint() {
        LintResult result = new Helm(CHART).lint().strict().call();

        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("values")
    void rendersObjectsThatKubernetesKnows(Path values) {
        Manifests rendered = Manifests.parse(render(values));

        assertThat(rendered.all(StatefulSet.class)).hasSizeGreaterThanOrEqualTo(2);
        assertThat(rendered.objects())
                .allSatisfy(object -> assertThat(object.getMetadata().getLabels())
                        .containsEntry("app.kubernetes.io/instance", "cdn"));
        Set<String> names = rendered.objects().stream()
                .map(object -> object.getKind() + "/" + object.getMetadata().getName())
                .collect(Collectors.toSet());
        assertThat(names).hasSameSizeAs(rendered.objects());
    }

    @ParameterizedTest
    @MethodSource("values")
    void containersRunAsNobodyWithProbesAndLimits(Path values) {
        Manifests rendered = Manifests.parse(render(values));

        assertThat(rendered.pods()).allSatisfy(pod -> {
            assertThat(pod.getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
            assertThat(pod.getSpec().getEnableServiceLinks()).isFalse();
        });
        assertThat(rendered.containers()).allSatisfy(container -> {
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .isFalse();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
            assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/actuator/health/liveness");
            assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/actuator/health/readiness");
            assertThat(container.getResources().getLimits()).containsKey("memory");
            assertThat(container.getVolumeMounts())
                    .anyMatch(mount -> mount.getMountPath().equals("/tmp"));
        });
    }

    @ParameterizedTest
    @MethodSource("values")
    void argumentsAreSettingsThatTheServicesHave(Path values) throws IOException {
        Set<String> settings = Documentation.settings();

        assertThat(Manifests.parse(render(values)).properties()).allSatisfy(property -> assertThat(settings)
                .contains(property.substring(0, property.indexOf('=')).replaceAll("\\[\\d+\\]", "[N]")));
    }

    @ParameterizedTest
    @MethodSource("values")
    void servicesLeadToPortsThatContainersHave(Path values) {
        Manifests rendered = Manifests.parse(render(values));
        for (Service service : rendered.all(Service.class)) {
            List<StatefulSet> selected = rendered.all(StatefulSet.class).stream()
                    .filter(set -> selects(service, set))
                    .toList();
            assertThat(selected).as(service.getMetadata().getName()).hasSize(1);
            Container container = selected.get(0)
                    .getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .get(0);
            for (ServicePort port : service.getSpec().getPorts()) {
                assertThat(container.getPorts())
                        .anyMatch(open ->
                                open.getName().equals(port.getTargetPort().getStrVal())
                                        && protocol(open.getProtocol()).equals(protocol(port.getProtocol())));
            }
        }
    }

    /** The redirector's own reader takes the file, and each node it names is a pod with a Service of its address. */
    @ParameterizedTest
    @MethodSource("values")
    void theRedirectorUnderstandsItsConfiguration(Path values) throws IOException {
        Manifests rendered = Manifests.parse(render(values));
        ConfigFile config = configuration(rendered);

        for (Cluster cluster : config.clusters()) {
            StatefulSet pods = rendered.one(StatefulSet.class, NAME + "-edge-" + cluster.id());
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

    /** As the redirector's own reader takes it. */
    private ConfigFile configuration(Manifests rendered) throws IOException {
        for (Map.Entry<String, String> file : rendered.one(ConfigMap.class, NAME + "-dns-redirector")
                .getData()
                .entrySet()) {
            Files.writeString(directory.resolve(file.getKey()), file.getValue());
        }

        return new ConfigFileReader(zone -> ZoneFile.read(zone.name(), zone.file()))
                .read(directory.resolve("cdn.yaml"));
    }

    @Test
    void clustersAskTheirShield() throws IOException {
        List<Cluster> clusters = configuration(Manifests.parse(render(CHART.resolve("ci/full-values.yaml"))))
                .clusters();

        assertThat(clusters)
                .filteredOn(cluster -> cluster.parent() != null)
                .hasSize(2)
                .allSatisfy(child -> assertThat(clusters)
                        .anyMatch(cluster ->
                                cluster.id().equals(child.parent()) && cluster.role() == ClusterRole.PARENT));
    }

    @Test
    void zonesAreSignedThatAreToBe() throws IOException {
        ConfigFile config = configuration(Manifests.parse(render(CHART.resolve("ci/full-values.yaml"))));

        assertThat(config.zones())
                .extracting(zone -> zone.name() + " " + zone.dnssec())
                .containsExactly("kingcdn.example true", "netcinema.example true", "unsigned.example false");
    }

    /** Keys of signed zones, journal and zone updates lie in the state directory; all of it must outlive the pod. */
    @ParameterizedTest
    @MethodSource("values")
    void whatMustNotBeLostLiesOnAVolumeOfItsOwn(Path values) {
        Manifests rendered = Manifests.parse(render(values));

        assertThat(rendered.all(StatefulSet.class)).allSatisfy(set -> {
            Container container =
                    set.getSpec().getTemplate().getSpec().getContainers().get(0);
            List<String> kept = set.getSpec().getVolumeClaimTemplates().stream()
                    .flatMap(claim -> container.getVolumeMounts().stream().filter(mount -> mount.getName()
                            .equals(claim.getMetadata().getName())))
                    .map(mount -> mount.getMountPath() + "/")
                    .toList();
            List<String> directories = container.getArgs().stream()
                    .filter(argument -> argument.matches("--kingcdn[a-z.]*\\.(state|store|directory|keys)=/var/.*"))
                    .map(argument -> argument.substring(argument.indexOf('=') + 1))
                    .toList();
            assertThat(directories).isNotEmpty().allSatisfy(directory -> assertThat(kept)
                    .anyMatch(directory::startsWith));
        });
        assertThat(rendered.properties())
                .as("else in the state directory")
                .noneMatch(property -> property.startsWith("kingcdn.redirector.dnssec.keys"));
    }

    /** Each host's Secret is a pair of files named after it, as the edge looks for them. */
    @Test
    void certificatesComeFromSecretsOfTheirHosts() {
        Manifests rendered = Manifests.parse(render(CHART.resolve("ci/full-values.yaml")));

        for (StatefulSet edges : rendered.all(StatefulSet.class)) {
            PodSpec pod = edges.getSpec().getTemplate().getSpec();
            Container container = pod.getContainers().get(0);
            if (!container.getName().equals("edge-server")) {
                continue;
            }
            assertThat(container.getArgs())
                    .contains(
                            "--kingcdn.edge.tls.listen=0.0.0.0:8443", "--kingcdn.edge.tls.directory=/run/kingcdn/tls");
            assertThat(container.getVolumeMounts()).anySatisfy(mount -> {
                assertThat(mount.getMountPath()).isEqualTo("/run/kingcdn/tls");
                assertThat(mount.getSubPath()).as("would never change").isNull();
            });
            List<String> files = pod.getVolumes().stream()
                    .filter(volume -> volume.getName().equals("tls"))
                    .flatMap(volume -> volume.getProjected().getSources().stream())
                    .flatMap(source -> source.getSecret().getItems().stream()
                            .map(item -> source.getSecret().getName() + " " + item.getKey() + " " + item.getPath()))
                    .toList();
            assertThat(files)
                    .containsExactly(
                            "video-tls tls.crt video.netcinema.example.crt",
                            "video-tls tls.key video.netcinema.example.key",
                            "netcinema-tls tls.crt _.netcinema.example.crt",
                            "netcinema-tls tls.key _.netcinema.example.key",
                            "video-tls tls.crt default.crt",
                            "video-tls tls.key default.key");
        }
        assertThat(rendered.one(Service.class, NAME + "-edge-ams-0").getSpec().getPorts())
                .anyMatch(port -> port.getPort() == 443);
    }

    /** Clients use the Service's port, and the one that the edge announces must be that. */
    @Test
    void http3HasTheSamePortsOverUdp() {
        Manifests rendered = Manifests.parse(render(CHART.resolve("ci/full-values.yaml")));

        assertThat(rendered.one(Service.class, NAME + "-edge-ams-0").getSpec().getPorts())
                .filteredOn(port -> port.getPort() == 443)
                .extracting(
                        port -> port.getProtocol() + " " + port.getTargetPort().getStrVal())
                .containsExactlyInAnyOrder("null content-tls", "UDP content-quic");
        assertThat(rendered.all(StatefulSet.class))
                .map(edges ->
                        edges.getSpec().getTemplate().getSpec().getContainers().get(0))
                .filteredOn(container -> container.getName().equals("edge-server"))
                .isNotEmpty()
                .allSatisfy(container -> {
                    assertThat(container.getArgs())
                            .contains("--kingcdn.edge.tls.http3=true", "--kingcdn.edge.tls.http3-port=443");
                    assertThat(container.getPorts())
                            .filteredOn(port -> port.getContainerPort() == 8443)
                            .extracting(port -> port.getName() + " " + port.getProtocol())
                            .containsExactlyInAnyOrder("content-tls null", "content-quic UDP");
                    assertThat(container.getVolumeMounts())
                            .as("where native libraries are unpacked")
                            .anyMatch(mount -> mount.getMountPath().equals("/tmp"));
                });
    }

    @Test
    void withoutCertificatesThereIsNoHttps() {
        Manifests rendered = Manifests.parse(render(CHART.resolve("values.yaml")));

        assertThat(rendered.properties()).noneMatch(property -> property.startsWith("kingcdn.edge.tls"));
        assertThat(rendered.all(Service.class))
                .filteredOn(service -> service.getMetadata().getName().contains("-edge-"))
                .isNotEmpty()
                .allSatisfy(service -> assertThat(service.getSpec().getPorts())
                        .noneMatch(port -> List.of("https", "http3").contains(port.getName())));
    }

    @Test
    void dnsIsServedOverUdpAndTcpAtPort53() {
        Service dns = Manifests.parse(render(CHART.resolve("values.yaml"))).one(Service.class, NAME + "-dns");

        assertThat(dns.getSpec().getPorts())
                .filteredOn(port -> port.getPort() == 53)
                .extracting(ServicePort::getProtocol)
                .containsExactlyInAnyOrder("UDP", "TCP");
    }

    @Test
    void tokensAreMadeOfEnoughRandomness() {
        Map<String, String> first = tokens();
        Map<String, String> second = tokens();

        assertThat(first).containsOnlyKeys("admin-token", "edge-token", "origin-token");
        assertThat(first.values()).doesNotContainAnyElementsOf(second.values()).doesNotHaveDuplicates();
        assertThat(first.values())
                .allSatisfy(
                        token -> assertThat(Base64.getDecoder().decode(token)).hasSize(48));
    }

    @Test
    void anUpgradeKeepsTheTokens() {
        Map<String, String> before = tokens();
        kubernetes.put("demo", NAME + "-tokens", before);

        assertThat(tokens()).isEqualTo(before);
    }

    @Test
    void aSecretOfOnesOwnTakesTheirPlace() {
        Manifests rendered = Manifests.parse(render(CHART.resolve("ci/full-values.yaml")));

        assertThat(rendered.all(Secret.class)).isEmpty();
        assertThat(rendered.pods()).allSatisfy(pod -> assertThat(pod.getSpec().getVolumes())
                .anyMatch(volume -> volume.getSecret() != null
                        && volume.getSecret().getSecretName().equals("my-tokens")));
    }

    @Test
    void theNotesHaveADigAndACurl() throws IOException {
        Path copy = directory.resolve("kingcdn");
        try (Stream<Path> files = Files.walk(CHART)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(CHART.relativize(file)));
            }
        }
        // only install prints the notes, and without a cluster it takes Kubernetes to be of version 1.20
        Path chart = copy.resolve("Chart.yaml");
        Files.writeString(chart, Files.readString(chart).replaceAll("(?m)^kubeVersion:.*$", ""));

        String notes = new Helm(copy)
                .install()
                .clientOnly()
                .dryRun()
                .withName("cdn")
                .withNamespace("demo")
                .call()
                .getOutput();

        assertThat(notes)
                .contains("dig @127.0.0.1 -p 5300 +tcp video.netcinema.example +subnet=")
                .contains("curl -r 0-99 -i -H 'Host: video.netcinema.example' http://127.0.0.1:8080/6Y7B23V");
    }

    @ParameterizedTest
    @CsvSource({
        "edge.memory, 256Mi",
        "edge.colour, red",
        "edge.service.port, 70000",
        "edge.service.tlsPort, 0",
        "edge.tls.certificates[0].host, Video.Example",
        "clusters[0].parent, Shield",
        "edge.service.type, Ingress",
        "dns.heap, much",
        "origin.volume, 20",
        "ttl.address, soon",
        "clusters[0].id, Nyc",
        "clusters[0].place.latitude, 91",
        "clusters[0].nodes[0].ipv4, edge.example",
        "image.pullPolicy, Sometimes"
    })
    void aValueThatMeansNothingIsRefused(String key, String value) {
        TemplateCommand template = new Helm(CHART).template().withName("cdn").withKubeVersion(KUBERNETES);

        assertThatThrownBy(() -> withNodes(template, key).set(key, value).call())
                .hasMessageContaining("schema");
    }

    /** Setting one property of a list's item replaces the list: so the item's other properties are given too. */
    private static TemplateCommand withNodes(TemplateCommand template, String key) {
        if (key.startsWith("clusters")) {
            template.set("clusters[0].id", "nyc")
                    .set("clusters[0].place.latitude", 40)
                    .set("clusters[0].place.longitude", -74)
                    .set("clusters[0].nodes[0].ipv4", "192.0.2.1");
        }
        return template;
    }

    private static Map<String, String> tokens() {
        return Manifests.parse(render(CHART.resolve("values.yaml")))
                .one(Secret.class, NAME + "-tokens")
                .getData();
    }

    private static String render(Path values) {
        return new Helm(CHART)
                .template()
                .withName("cdn")
                .withNamespace("demo")
                .withKubeVersion(KUBERNETES)
                .withValuesFile(values)
                .call();
    }

    private static boolean selects(Service service, StatefulSet set) {
        Map<String, String> labels = set.getSpec().getTemplate().getMetadata().getLabels();
        return service.getSpec().getSelector().entrySet().stream()
                .filter(label -> !label.getKey().equals("statefulset.kubernetes.io/pod-name"))
                .allMatch(label -> label.getValue().equals(labels.get(label.getKey())));
    }

    private static String protocol(@Nullable String protocol) {
        return protocol == null ? "TCP" : protocol;
    }
}
