package com.kingcdn.systemtest.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.kingcdn.redirector.registry.ConfigFile;
import com.kingcdn.redirector.registry.ConfigFileReader;
import com.kingcdn.redirector.zone.ZoneFile;
import com.kingcdn.topology.Cluster;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class KustomizeTest {

    private static final Path ROOT = Path.of("../manifests");

    /** What the kustomizations here use; a key that is not known to kustomize would be refused by it. */
    private static final Set<String> KEYS = Set.of(
            "apiVersion",
            "kind",
            "namespace",
            "nameSuffix",
            "labels",
            "resources",
            "configMapGenerator",
            "secretGenerator",
            "patches");

    @TempDir
    Path directory;

    static List<Path> manifests() throws IOException {
        return yaml(false);
    }

    static List<Path> kustomizations() throws IOException {
        return yaml(true);
    }

    private static List<Path> yaml(boolean kustomization) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .filter(file -> !file.endsWith("cdn.yaml"))
                    .filter(file -> file.endsWith("kustomization.yaml") == kustomization)
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void manifestsAreObjectsThatKubernetesKnows(Path file) throws IOException {
        Manifests manifests = Manifests.parse(Files.readString(file));

        assertThat(manifests.objects()).isNotEmpty();
        Set<String> settings = Documentation.settings();
        assertThat(manifests.properties())
                .allSatisfy(property -> assertThat(settings).contains(property.substring(0, property.indexOf('='))));
        assertThat(manifests.containers())
                .extracting(Container::getName)
                .allMatch(name -> Files.exists(Path.of("..", name, "pom.xml")));
        assertThat(manifests.containers())
                .as("images that were built here, which a registry does not have or has from strangers")
                .allMatch(container -> "IfNotPresent".equals(container.getImagePullPolicy()));
    }

    @ParameterizedTest
    @MethodSource("kustomizations")
    void kustomizationsNameFilesThatAreThere(Path file) throws IOException {
        Map<?, ?> kustomization = (Map<?, ?>)
                Manifests.documents(Files.readString(file)).iterator().next();

        assertThat(KEYS)
                .containsAll(
                        kustomization.keySet().stream().map(String::valueOf).toList());
        for (Object resource : list(kustomization, "resources")) {
            Path named = file.resolveSibling(String.valueOf(resource));
            assertThat(Files.isDirectory(named) ? named.resolve("kustomization.yaml") : named)
                    .exists();
        }
        for (Object generator : list(kustomization, "configMapGenerator")) {
            for (Object source : list((Map<?, ?>) generator, "files")) {
                assertThat(file.resolveSibling(String.valueOf(source))).exists();
            }
        }
    }

    private static List<?> list(Map<?, ?> fields, String key) {
        return fields.get(key) instanceof List<?> items ? items : List.of();
    }

    @Test
    void theRedirectorUnderstandsTheOverlaysConfiguration() {
        ConfigFile config = new ConfigFileReader(zone -> ZoneFile.read(zone.name(), zone.file()))
                .read(ROOT.resolve("overlays/dev/cdn.yaml"));

        assertThat(config.clusters().get(0).nodes().get(0).id()).isEqualTo("edge-server-0");
    }

    /** Its files are the dev overlay's, with a configuration of its own. */
    @Test
    void theEdgesOfTheTiersFindEachOtherByThePodsNames() throws IOException {
        for (String overlay : List.of("dev", "tiers")) {
            try (Stream<Path> files = Files.list(ROOT.resolve("overlays").resolve(overlay))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.copy(file, directory.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        ConfigFile config = new ConfigFileReader(zone -> ZoneFile.read(zone.name(), zone.file()))
                .read(directory.resolve("cdn.yaml"));

        assertThat(config.clusters()).extracting(Cluster::id).containsExactly("local", "shield");
        assertThat(config.clusters().get(0).parent()).isEqualTo("shield");
        assertThat(config.clusters()).flatExtracting(Cluster::nodes).hasSize(3).allSatisfy(node -> {
            String set = node.id().substring(0, node.id().lastIndexOf('-'));
            assertThat(node.peer()).isEqualTo(node.id() + "." + set + ":8080");
        });
    }

    /** What the pods have mounted is what the overlay makes: also the token of those who only look at the map. */
    @Test
    void eachTokenThatAPodReadsIsMade() throws IOException {
        Map<?, ?> overlay =
                (Map<?, ?>) Manifests.documents(Files.readString(ROOT.resolve("overlays/dev/kustomization.yaml")))
                        .iterator()
                        .next();
        Map<?, ?> tokens = (Map<?, ?>) list(overlay, "secretGenerator").get(0);
        Set<String> read = new TreeSet<>();
        for (Path file : manifests()) {
            for (String property :
                    Manifests.parse(Files.readString(file)).properties().toList()) {
                int at = property.indexOf("=/run/kingcdn/tokens/");
                if (at > 0) {
                    read.add(property.substring(property.lastIndexOf('/') + 1));
                }
            }
        }
        assertThat(read).contains("reader-token");
        assertThat(list(tokens, "files")).extracting(String::valueOf).containsExactlyInAnyOrderElementsOf(read);
    }

    /** As in the chart: the TTL of addresses is 20 s. */
    @Test
    void anEdgeHasTheTimeToLeave() throws IOException {
        Path base = ROOT.resolve("base/edge-server");
        PodSpec pod = Manifests.parse(Files.readString(base.resolve("statefulset.yaml")))
                .one(StatefulSet.class, "edge-server")
                .getSpec()
                .getTemplate()
                .getSpec();

        assertThat(pod.getContainers().get(0).getArgs()).contains("--kingcdn.edge.leave=25s");
        assertThat(pod.getTerminationGracePeriodSeconds()).isEqualTo(25 + 30);
        assertThat(Manifests.parse(Files.readString(base.resolve("service.yaml")))
                        .one(Service.class, "edge-server")
                        .getSpec()
                        .getPublishNotReadyAddresses())
                .isTrue();
    }

    @Test
    void noTokenIsInTheRepository() {
        assertThat(ROOT.resolve("overlays/dev/.gitignore")).content().contains("*-token");
    }
}
