package com.kingcdn.systemtest.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tokens, certificates and what must not be lost: where pods have them from. */
class ChartSecretsTest {

    private static FakeApiServer kubernetes;

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

    /** Keys of signed zones, journal and zone updates lie in the state directory; all of it must outlive the pod. */
    @ParameterizedTest
    @MethodSource(Chart.ALL_VALUES)
    void whatMustNotBeLostLiesOnAVolumeOfItsOwn(Path values) {
        Manifests rendered = Manifests.parse(Chart.render(values));

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
        Manifests rendered = Chart.full();

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
        assertThat(rendered.one(Service.class, Chart.NAME + "-edge-ams-0")
                        .getSpec()
                        .getPorts())
                .anyMatch(port -> port.getPort() == 443);
    }

    /** Clients use the Service's port, and the one that the edge announces must be that. */
    @Test
    void http3HasTheSamePortsOverUdp() {
        Manifests rendered = Chart.full();

        assertThat(rendered.one(Service.class, Chart.NAME + "-edge-ams-0")
                        .getSpec()
                        .getPorts())
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
        Manifests rendered = Manifests.parse(Chart.render(Chart.FILES.resolve("values.yaml")));

        assertThat(rendered.properties()).noneMatch(property -> property.startsWith("kingcdn.edge.tls"));
        assertThat(rendered.all(Service.class))
                .filteredOn(service -> service.getMetadata().getName().contains("-edge-"))
                .isNotEmpty()
                .allSatisfy(service -> assertThat(service.getSpec().getPorts())
                        .noneMatch(port -> List.of("https", "http3").contains(port.getName())));
    }

    @Test
    void tokensAreMadeOfEnoughRandomness() {
        Map<String, String> first = tokens();
        Map<String, String> second = tokens();

        assertThat(first).containsOnlyKeys("admin-token", "edge-token", "origin-token", "reader-token");
        assertThat(first.values()).doesNotContainAnyElementsOf(second.values()).doesNotHaveDuplicates();
        assertThat(first.values())
                .allSatisfy(
                        token -> assertThat(Base64.getDecoder().decode(token)).hasSize(48));
    }

    @Test
    void anUpgradeKeepsTheTokens() {
        Map<String, String> before = tokens();
        kubernetes.put("demo", Chart.NAME + "-tokens", before);

        assertThat(tokens()).isEqualTo(before);
    }

    @Test
    void aSecretOfOnesOwnTakesTheirPlace() {
        Manifests rendered = Chart.full();

        assertThat(rendered.all(Secret.class)).isEmpty();
        assertThat(rendered.pods()).allSatisfy(pod -> assertThat(pod.getSpec().getVolumes())
                .anyMatch(volume -> volume.getSecret() != null
                        && volume.getSecret().getSecretName().equals("my-tokens")));
    }

    private static PodSpec redirector(Manifests rendered) {
        return rendered.one(StatefulSet.class, Chart.NAME + "-dns-redirector")
                .getSpec()
                .getTemplate()
                .getSpec();
    }

    /** Each key is a file named after it, where the configuration looks for it; the pod waits for its Secret. */
    @Test
    void keysOfOtherServersComeFromSecrets() {
        PodSpec pod = redirector(Chart.full());

        assertThat(pod.getContainers().get(0).getVolumeMounts()).anySatisfy(mount -> {
            assertThat(mount.getName()).isEqualTo("keys");
            assertThat(mount.getMountPath()).isEqualTo("/run/kingcdn/keys");
            assertThat(mount.getSubPath()).as("would never change").isNull();
        });
        assertThat(pod.getVolumes())
                .filteredOn(volume -> volume.getName().equals("keys"))
                .flatMap(volume -> volume.getProjected().getSources())
                .extracting(source -> source.getSecret().getName() + " "
                        + source.getSecret().getItems().get(0).getKey() + " "
                        + source.getSecret().getItems().get(0).getPath() + " "
                        + source.getSecret().getOptional())
                .containsExactly("my-tsig xfr.key xfr null", "my-tsig dyn dyn.kingcdn.example null");
    }

    /** RFC 7858: a port of its own over TCP, with a certificate of its own. */
    @Test
    void dnsOverTlsHasItsPortAndItsCertificate() {
        Manifests rendered = Chart.full();
        PodSpec pod = redirector(rendered);

        assertThat(pod.getContainers().get(0).getArgs())
                .contains(
                        "--kingcdn.redirector.dot.listen=0.0.0.0:8853",
                        "--kingcdn.redirector.dot.certificate=/run/kingcdn/dot/tls.crt",
                        "--kingcdn.redirector.dot.private-key=/run/kingcdn/dot/tls.key");
        assertThat(pod.getVolumes())
                .filteredOn(volume -> volume.getName().equals("dot"))
                .extracting(volume -> volume.getSecret().getSecretName())
                .containsExactly("dot-tls");
        assertThat(rendered.one(Service.class, Chart.NAME + "-dns").getSpec().getPorts())
                .filteredOn(port -> port.getName().equals("dot"))
                .extracting(port -> port.getPort() + " " + port.getProtocol())
                .containsExactly("8853 TCP");
        Manifests plain = Manifests.parse(Chart.render(Chart.FILES.resolve("values.yaml")));
        assertThat(plain.properties()).noneMatch(property -> property.startsWith("kingcdn.redirector.dot"));
    }

    /** RFC 9018: what shares an address shares the secret. */
    @Test
    void secretsOfCookiesMayBeThoseOfOtherRedirectors() {
        Manifests rendered = Chart.full();
        PodSpec pod = redirector(rendered);

        assertThat(pod.getContainers().get(0).getArgs())
                .contains("--kingcdn.redirector.cookies.secret-file=/run/kingcdn/cookies/cookies");
        assertThat(pod.getContainers().get(0).getVolumeMounts()).anySatisfy(mount -> {
            assertThat(mount.getMountPath()).isEqualTo("/run/kingcdn/cookies");
            assertThat(mount.getSubPath()).as("would never change").isNull();
        });
        assertThat(pod.getVolumes())
                .filteredOn(volume -> volume.getName().equals("cookies"))
                .extracting(volume -> volume.getSecret().getSecretName() + " "
                        + volume.getSecret().getItems().get(0).getKey() + " "
                        + volume.getSecret().getItems().get(0).getPath())
                .containsExactly("my-cookies secrets cookies");
        Manifests plain = Manifests.parse(Chart.render(Chart.FILES.resolve("values.yaml")));
        assertThat(plain.properties()).noneMatch(property -> property.startsWith("kingcdn.redirector.cookies"));
    }

    /** A Secret of one's own may have no reader's token; a pod that mounts what is not there never starts. */
    @Test
    void theReadersTokenIsMountedWhereThereIsOne() {
        String setting = "kingcdn.redirector.reader-token-file=/run/kingcdn/tokens/reader-token";

        for (String values : List.of("values.yaml", "ci/full-values.yaml")) {
            Manifests rendered = Manifests.parse(Chart.render(Chart.FILES.resolve(values)));
            assertThat(rendered.properties()).as(values).contains(setting);
            assertThat(redirector(rendered).getVolumes())
                    .filteredOn(volume -> volume.getName().equals("tokens"))
                    .flatMap(volume -> volume.getSecret().getItems())
                    .extracting(KeyToPath::getKey)
                    .containsExactly("admin-token", "edge-token", "reader-token");
        }
        Manifests without = Manifests.parse(new Helm(Chart.FILES)
                .template()
                .withName("cdn")
                .withKubeVersion(Chart.KUBERNETES)
                .set("tokens.existingSecret", "mine")
                .call());
        assertThat(without.properties()).doesNotContain(setting);
    }

    private static Map<String, String> tokens() {
        return Manifests.parse(Chart.render(Chart.FILES.resolve("values.yaml")))
                .one(Secret.class, Chart.NAME + "-tokens")
                .getData();
    }
}
