package com.kingcdn.systemtest.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Sysctl;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ChartTest {

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

    @Test
    void isWithoutFaultToLint() {
        LintResult result = new Helm(Chart.FILES).lint().strict().call();

        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    @ParameterizedTest
    @MethodSource(Chart.ALL_VALUES)
    void rendersObjectsThatKubernetesKnows(Path values) {
        Manifests rendered = Manifests.parse(Chart.render(values));

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
    @MethodSource(Chart.ALL_VALUES)
    void edgesMayAskForEchoesAsTheirGroup_unlessItIsSwitchedOff(Path values) throws IOException {
        String rendered = Chart.render(values);
        boolean off = Files.readString(values).contains("icmp: false");

        assertThat(Manifests.parse(rendered).pods()).allSatisfy(pod -> {
            PodSecurityContext security = pod.getSpec().getSecurityContext();
            boolean edge = pod.getSpec().getContainers().get(0).getName().equals("edge-server");
            String group = "%1$d %1$d".formatted(security.getRunAsGroup());
            assertThat(security.getSysctls())
                    .containsExactlyElementsOf(
                            edge && !off ? List.of(new Sysctl("net.ipv4.ping_group_range", group)) : List.of());
        });
    }

    @ParameterizedTest
    @MethodSource(Chart.ALL_VALUES)
    void containersRunAsNobodyWithProbesAndLimits(Path values) {
        Manifests rendered = Manifests.parse(Chart.render(values));

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
    @MethodSource(Chart.ALL_VALUES)
    void argumentsAreSettingsThatTheServicesHave(Path values) throws IOException {
        Set<String> settings = Documentation.settings();

        assertThat(Manifests.parse(Chart.render(values)).properties()).allSatisfy(property -> assertThat(settings)
                .contains(property.substring(0, property.indexOf('=')).replaceAll("\\[\\d+\\]", "[N]")));
    }

    @ParameterizedTest
    @MethodSource(Chart.ALL_VALUES)
    void servicesLeadToPortsThatContainersHave(Path values) {
        Manifests rendered = Manifests.parse(Chart.render(values));
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

    @Test
    void dnsIsServedOverUdpAndTcpAtPort53() {
        Service dns = Manifests.parse(Chart.render(Chart.FILES.resolve("values.yaml")))
                .one(Service.class, Chart.NAME + "-dns");

        assertThat(dns.getSpec().getPorts())
                .filteredOn(port -> port.getPort() == 53)
                .extracting(ServicePort::getProtocol)
                .containsExactlyInAnyOrder("UDP", "TCP");
    }

    /** A Service is of one family, and if nobody says which, of the Kubernetes cluster's first one. */
    @Test
    void anAddressOfIpv6AloneHasAServiceOfThatFamily() {
        assertThat(Chart.full()
                        .one(Service.class, Chart.NAME + "-edge-ams-1")
                        .getSpec()
                        .getIpFamilies())
                .containsExactly("IPv6");
        Manifests rendered = Manifests.parse(new Helm(Chart.FILES)
                .template()
                .withName("cdn")
                .withKubeVersion(Chart.KUBERNETES)
                .set("clusters[0].id", "nyc")
                .set("clusters[0].place.latitude", 40)
                .set("clusters[0].place.longitude", -74)
                .set("clusters[0].nodes[0].ipv6", "2001:db8:1::11")
                .set("dns.service.address", "2001:db8::53")
                .call());
        for (String service : List.of("-edge-nyc-0 2001:db8:1::11", "-dns 2001:db8::53")) {
            String[] nameAndAddress = service.split(" ");
            assertThat(rendered.one(Service.class, Chart.NAME + nameAndAddress[0])
                            .getSpec())
                    .satisfies(spec -> {
                        assertThat(spec.getIpFamilies()).containsExactly("IPv6");
                        assertThat(spec.getLoadBalancerIP()).isEqualTo(nameAndAddress[1]);
                    });
        }
    }

    @Test
    void theNotesHaveADigAndACurl() throws IOException {
        assertThat(install().call().getOutput())
                .contains("dig @127.0.0.1 -p 5300 +tcp video.netcinema.example +subnet=")
                .contains("curl -r 0-99 -i -H 'Host: video.netcinema.example' http://127.0.0.1:8080/6Y7B23V");
    }

    @Test
    void theNotesOfADistributionWithoutHostsNameItsEdgeHostname() throws IOException {
        String notes = install()
                .set("distributions[0].id", "all")
                .set("distributions[0].origins[0].url", "https://origin.example")
                .call()
                .getOutput();

        assertThat(notes).contains("dig @127.0.0.1 -p 5300 +tcp all.kingcdn.example +subnet=");
    }

    private InstallCommand install() throws IOException {
        Path copy = directory.resolve("kingcdn");
        try (Stream<Path> files = Files.walk(Chart.FILES)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(Chart.FILES.relativize(file)));
            }
        }
        // only install prints the notes, and without a cluster it takes Kubernetes to be of version 1.20
        Path chart = copy.resolve("Chart.yaml");
        Files.writeString(chart, Files.readString(chart).replaceAll("(?m)^kubeVersion:.*$", ""));

        return new Helm(copy).install().clientOnly().dryRun().withName("cdn").withNamespace("demo");
    }

    @ParameterizedTest
    @CsvSource({
        "edge.memory, 256Mi",
        "edge.colour, red",
        "edge.service.port, 70000",
        "edge.service.tlsPort, 0",
        "edge.tls.certificates[0].host, Video.Example",
        "edge.capacity.requestsPerSecond, -1",
        "dns.dot.port, 70000",
        "tsigKeys[0].algorithm, hmac-rot13",
        "clusters[0].capacity.megabitsPerSecond, 0",
        "clusters[0].capacity.packets, 5",
        "zones[0].transfer[0].from[0], anywhere",
        "zones[0].primaries[0].address, ns1.example",
        "distributions[0].placement.clusters[0], Nyc",
        "distributions[0].answers.addresses, 25",
        "distributions[0].answers.order, random",
        "distributions[0].cache.defaultTtl, soon",
        "dns.settings.kingcdn\\.redirector\\.listen, 0.0.0.0:53",
        "edge.settings.server\\.port, 80",
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
        TemplateCommand template =
                new Helm(Chart.FILES).template().withName("cdn").withKubeVersion(Chart.KUBERNETES);

        assertThatThrownBy(() -> withTheRest(template, key).set(key, value).call())
                .hasMessageContaining("schema");
    }

    /** Setting one property of a list's item replaces the list: so the item's other properties are given too. */
    private static TemplateCommand withTheRest(TemplateCommand template, String key) {
        if (key.startsWith("clusters")) {
            template.set("clusters[0].id", "nyc")
                    .set("clusters[0].place.latitude", 40)
                    .set("clusters[0].place.longitude", -74)
                    .set("clusters[0].nodes[0].ipv4", "192.0.2.1");
        } else if (key.startsWith("tsigKeys")) {
            template.set("tsigKeys[0].name", "xfr")
                    .set("tsigKeys[0].secret", "tsig")
                    .set("tsigKeys[0].key", "xfr");
        } else if (key.startsWith("zones[0].primaries")) {
            template.set("zones[0].name", "kingcdn.example");
        } else if (key.startsWith("zones")) {
            template.set("zones[0].name", "kingcdn.example")
                    .set("zones[0].records", "@ SOA")
                    .set("zones[0].transfer[0].key", "xfr");
        } else if (key.startsWith("distributions")) {
            template.set("distributions[0].id", "a1105")
                    .set("distributions[0].hosts[0]", "video.netcinema.example")
                    .set("distributions[0].origins[0].url", "http://origin.example");
        }
        return template;
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
