package com.kingcdn.systemtest.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keeps a release alive and watched: budgets, spreading, memory, who may reach what, what is scraped. */
class ChartOperationsTest {

    private static FakeApiServer kubernetes;

    @BeforeAll
    static void start() throws IOException {
        kubernetes = new FakeApiServer();
    }

    @AfterAll
    static void stop() {
        kubernetes.close();
    }

    /** A budget for a single node would keep its machine from ever being emptied. */
    @Test
    void oneNodeOfAClusterIsTakenAtATime() {
        Manifests rendered = Chart.full();

        assertThat(rendered.all(PodDisruptionBudget.class)).singleElement().satisfies(budget -> {
            assertThat(budget.getMetadata().getName()).isEqualTo(Chart.NAME + "-edge-ams");
            assertThat(budget.getSpec().getMaxUnavailable().getIntVal()).isEqualTo(1);
            assertThat(budget.getSpec().getUnhealthyPodEvictionPolicy()).isEqualTo("AlwaysAllow");
            assertThat(selected(rendered, budget.getSpec().getSelector().getMatchLabels()))
                    .hasSize(1);
        });
    }

    /** Answers that name a pod live on for the TTL of addresses: until then Kubernetes neither kills it nor takes its Service away. */
    @ParameterizedTest
    @CsvSource({
        "ttl.address, 20s, 25, 55",
        "ttl.address, 2m, 125, 155",
        "edge.leave, 1h, 3600, 3630",
        "edge.leave, 0s, 0, 30",
    })
    void anEdgeHasTheTimeToLeave(String key, String value, int leave, long grace) {
        Manifests rendered = Manifests.parse(new Helm(Chart.FILES)
                .template()
                .withName("cdn")
                .withKubeVersion(Chart.KUBERNETES)
                .set(key, value)
                .call());

        assertThat(rendered.pods())
                .filteredOn(ChartOperationsTest::isOfACluster)
                .hasSize(3)
                .allSatisfy(pod -> {
                    assertThat(pod.getSpec().getContainers().get(0).getArgs())
                            .contains("--kingcdn.edge.leave=" + leave + "s");
                    assertThat(pod.getSpec().getTerminationGracePeriodSeconds()).isEqualTo(grace);
                });
        assertThat(rendered.all(Service.class))
                .filteredOn(
                        service -> service.getSpec().getSelector().containsKey("statefulset.kubernetes.io/pod-name"))
                .hasSize(3)
                .allSatisfy(service -> assertThat(service.getSpec().getPublishNotReadyAddresses())
                        .isTrue());
        assertThat(rendered.pods()).filteredOn(pod -> !isOfACluster(pod)).allSatisfy(pod -> assertThat(
                        pod.getSpec().getTerminationGracePeriodSeconds())
                .isEqualTo(30));
    }

    private static boolean isOfACluster(PodTemplateSpec pod) {
        return pod.getMetadata().getLabels().containsKey("kingcdn.com/cluster");
    }

    /** All clusters at once would be all of the CDN. */
    @Test
    void edgesTakeAChangeWhenTheirOperatorWants() {
        assertThat(strategies(Chart.full())).containsOnly("OnDelete");
        assertThat(strategies(Manifests.parse(Chart.render(Chart.FILES.resolve("values.yaml")))))
                .containsOnly("RollingUpdate");
    }

    private static List<String> strategies(Manifests rendered) {
        return rendered.all(StatefulSet.class).stream()
                .filter(set -> set.getMetadata().getLabels().containsKey("kingcdn.com/cluster"))
                .map(set -> set.getSpec().getUpdateStrategy().getType())
                .toList();
    }

    @Test
    void nodesOfAClusterSpreadOverMachines() {
        Manifests rendered = Chart.full();

        assertThat(rendered.pods())
                .filteredOn(ChartOperationsTest::isOfACluster)
                .hasSize(4)
                .allSatisfy(pod -> assertThat(pod.getSpec().getTopologySpreadConstraints())
                        .singleElement()
                        .satisfies(spread -> assertThat(selected(
                                        rendered, spread.getLabelSelector().getMatchLabels()))
                                .containsExactly(pod)));
    }

    /** Each policy names ports of the pods it selects, and lets clients reach no others. */
    @Test
    void clientsReachNamesAndContentAndNothingElse() {
        Manifests rendered = Chart.full();

        assertThat(rendered.all(NetworkPolicy.class)).hasSize(3).allSatisfy(policy -> {
            List<PodTemplateSpec> pods =
                    selected(rendered, policy.getSpec().getPodSelector().getMatchLabels());
            assertThat(pods).isNotEmpty();
            policy.getSpec().getIngress().forEach(rule -> rule.getPorts().forEach(port -> {
                String name = port.getPort().getStrVal();
                assertThat(ports(pods)).contains(name);
                assertThat(rule.getFrom().isEmpty())
                        .as(name)
                        .isEqualTo(name.startsWith("content") || name.matches("dns|dns-tcp|doh|dot"));
            }));
        });
        assertThat(Manifests.parse(Chart.render(Chart.FILES.resolve("values.yaml")))
                        .all(NetworkPolicy.class))
                .isEmpty();
    }

    @Test
    void theOperatorOfPrometheusScrapesEachPodOnceAndHasTheRules() throws IOException {
        Manifests rendered = Chart.full();
        GenericKubernetesResource monitor = rendered.all(GenericKubernetesResource.class).stream()
                .filter(object -> object.getKind().equals("PodMonitor"))
                .findFirst()
                .orElseThrow();
        List<String> scraped = ((List<?>) monitor.<List<?>>get("spec", "podMetricsEndpoints"))
                .stream()
                        .map(endpoint -> String.valueOf(((Map<?, ?>) endpoint).get("port")))
                        .toList();

        assertThat(rendered.pods()).allSatisfy(pod -> assertThat(ports(List.of(pod)))
                .filteredOn(scraped::contains)
                .hasSize(1));
        assertThat(rendered.all(GenericKubernetesResource.class))
                .filteredOn(object -> object.getKind().equals("PrometheusRule"))
                .singleElement()
                .satisfies(rules -> {
                    assertThat(rules.getMetadata().getLabels()).containsEntry("release", "prometheus");
                    assertThat((List<?>) rules.<List<?>>get("spec", "groups")).hasSize(2);
                });
    }

    /** Its Prometheus scrapes no redirector, and would wake somebody for ever. */
    @Test
    void edgesElsewhereHaveNoAlertsOfARedirector() {
        Manifests rendered =
                Manifests.parse(Chart.render(Chart.FILES.resolve("ci").resolve(Chart.ELSEWHERE)));

        assertThat(rendered.all(GenericKubernetesResource.class))
                .filteredOn(object -> object.getKind().equals("PrometheusRule"))
                .singleElement()
                .satisfies(rules -> assertThat((List<?>) rules.<List<?>>get("spec", "groups"))
                        .singleElement()
                        .satisfies(group ->
                                assertThat(((Map<?, ?>) group).get("name")).isEqualTo("kingcdn-edge")));
    }

    /** The kernel would kill the process as soon as its cache is full. */
    @ParameterizedTest
    @CsvSource({
        "edge.memory, 1GB, edge",
        "edge.heap, 1g, edge",
        "dns.heap, 1100m, dns",
        "origin.resources.limits.memory, 200Mi, origin"
    })
    void aLimitBelowWhatTheProcessTakesIsRefused(String key, String value, String component) {
        assertRefused(key, value, component + ".resources.limits.memory is");
    }

    @ParameterizedTest
    @CsvSource({
        "edge.clusters[0], fro, edge.clusters names fro",
        "dns.enabled, false, edge.control",
        "edge.disk.size, 100GB, edge.disk.volume is 22Gi"
    })
    void edgesThatCouldNotWorkAreRefused(String key, String value, String why) {
        assertRefused(key, value, why);
    }

    @Test
    void aMonitorThatThePolicyKeepsOutIsRefused() {
        assertThatThrownBy(() -> new Helm(Chart.FILES)
                        .template()
                        .withName("cdn")
                        .withKubeVersion(Chart.KUBERNETES)
                        .set("monitoring.podMonitor", true)
                        .set("networkPolicy.enabled", true)
                        .call())
                .hasMessageContaining("Prometheus among networkPolicy.operators");
    }

    @Test
    void aNameTooLongForTheLabelsOfItsPodsIsRefused() {
        assertThatThrownBy(() -> new Helm(Chart.FILES)
                        .template()
                        .withName("kingcdn-abcdefghijklmnopqrstuvwxyz")
                        .withKubeVersion(Chart.KUBERNETES)
                        .set("clusters[0].id", "frankfurt-north")
                        .set("clusters[0].place.latitude", 50)
                        .set("clusters[0].place.longitude", 8)
                        .set("clusters[0].nodes[0].ipv4", "192.0.2.1")
                        .call())
                .hasMessageContaining("more than 52 letters");
    }

    private static List<PodTemplateSpec> selected(Manifests rendered, Map<String, String> labels) {
        return rendered.pods()
                .filter(pod -> pod.getMetadata().getLabels().entrySet().containsAll(labels.entrySet()))
                .toList();
    }

    private static List<String> ports(List<PodTemplateSpec> pods) {
        return pods.stream()
                .flatMap(pod -> pod.getSpec().getContainers().stream())
                .flatMap(container -> container.getPorts().stream())
                .map(ContainerPort::getName)
                .toList();
    }

    private static void assertRefused(String key, String value, String why) {
        assertThatThrownBy(() -> new Helm(Chart.FILES)
                        .template()
                        .withName("cdn")
                        .withKubeVersion(Chart.KUBERNETES)
                        .set(key, value)
                        .call())
                .hasMessageContaining(why);
    }
}
