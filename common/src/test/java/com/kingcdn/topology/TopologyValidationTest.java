package com.kingcdn.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clusters, nodes and distributions refuse, and what they fill in. */
class TopologyValidationTest {

    private static final GeoPoint FRANKFURT = new GeoPoint(50.11, 8.68);
    private static final EdgeNode NODE = new EdgeNode("fra-1", "127.0.2.1", null, 0, 0);
    private static final OriginEndpoint ORIGIN = new OriginEndpoint(URI.create("http://127.0.0.1:8600"));

    private static Cluster cluster(@Nullable ClusterKind kind, List<IpPrefix> coverage, EdgeNode... nodes) {
        return new Cluster("fra", FRANKFURT, kind, null, coverage, null, false, List.of(nodes));
    }

    private static Distribution distribution(String id, String... hosts) {
        return new Distribution(id, List.of(hosts), List.of(ORIGIN), null);
    }

    @Test
    void clustersFillInWhatWasLeftOut() {
        Cluster cluster = cluster(null, List.of(), NODE);
        assertThat(cluster.kind()).isEqualTo(ClusterKind.BRING_HOME);
        assertThat(cluster.role()).isEqualTo(ClusterRole.EDGE);
        assertThat(cluster.health()).isEqualTo(HealthMode.REPORTED);
        assertThat(cluster.withDrained(true).drained()).isTrue();
        assertThat(cluster.withDrained(true).withDrained(false)).isEqualTo(cluster);
    }

    @Test
    void clustersRefuseWhatCannotWork() {
        assertThatThrownBy(() -> cluster(null, List.of())).hasMessageContaining("needs at least one node");
        assertThatThrownBy(() -> cluster(null, List.of(), NODE, NODE)).hasMessageContaining("'fra-1' stands twice");
        assertThatThrownBy(() -> cluster(ClusterKind.ENTER_DEEP, List.of(), NODE))
                .hasMessageContaining("needs coverage prefixes");
    }

    @Test
    void nodesFillInPortAndWeight() {
        assertThat(NODE.port()).isEqualTo(8080);
        assertThat(NODE.weight()).isEqualTo(1);
    }

    @Test
    void nodesRefuseWhatCannotWork() {
        assertThatThrownBy(() -> new EdgeNode("a", null, null, 1, 1)).hasMessageContaining("needs an ipv4 or an ipv6");
        assertThatThrownBy(() -> new EdgeNode("a", "::1", null, 1, 1)).hasMessageContaining("not an IPv4 address");
        assertThatThrownBy(() -> new EdgeNode("a", null, "127.0.0.1", 1, 1))
                .hasMessageContaining("not an IPv6 address");
        assertThatThrownBy(() -> new EdgeNode("a", "127.0.0.1", null, 1, 1, "http://a:1"))
                .hasMessageContaining("peer of node 'a' must be HOST:PORT");
        assertThat(new EdgeNode("a", "127.0.0.1", null, 0, 1, "edge-0.svc:80").peerAuthority())
                .isEqualTo("edge-0.svc:80");
        assertThat(new EdgeNode("a", null, "::1", 81, 1).peerAuthority()).isEqualTo("[::1]:81");
        assertThatThrownBy(() -> new EdgeNode("a", "127.0.0.1", null, 65536, 1)).hasMessageContaining("port 65536");
        assertThatThrownBy(() -> new EdgeNode("a", "127.0.0.1", null, 1, -1)).hasMessageContaining("weight -1");
        assertThatThrownBy(() -> new EdgeNode("A b", "127.0.0.1", null, 1, 1)).hasMessageContaining("node id 'A b'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a-", "A1105", "a.b", "a_b"})
    void distributionsNeedADnsLabel(String id) {
        assertThatThrownBy(() -> distribution(id)).hasMessageContaining("becomes a DNS label");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Video.example", "a..b", "video.example.", "a/b", "*.example"})
    void distributionsNeedHostNames(String host) {
        assertThatThrownBy(() -> distribution("a1105", host)).hasMessageContaining("is not a lower-case host name");
    }

    @Test
    void distributionsRefuseWhatCannotWork() {
        assertThat(distribution("a1105", "video.netcinema.example").hostHeader())
                .isEqualTo(HostHeader.ORIGIN);
        assertThatThrownBy(() -> distribution("a1105", "a.example", "a.example"))
                .hasMessageContaining("stands twice");
        assertThatThrownBy(() -> new Distribution("a1105", List.of(), List.of(), null))
                .hasMessageContaining("needs at least one origin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://a.example", "/path", "http://a.example/?q", "http://u@a.example", "http://a.example#f"})
    void originsRefuseWhatCannotWork(String url) {
        assertThatThrownBy(() -> new OriginEndpoint(URI.create(url))).hasMessageContaining("origin url");
    }

    @Test
    void originsFillInTheirWeight() {
        URI url = URI.create("http://a.example");
        assertThat(new OriginEndpoint(url, 0, false)).isEqualTo(new OriginEndpoint(url));
        assertThatThrownBy(() -> new OriginEndpoint(url, -1, false)).hasMessageContaining("weight -1 of origin");
        assertThatThrownBy(() -> new Distribution("a1105", List.of(), List.of(new OriginEndpoint(url, 1, true)), null))
                .hasMessageContaining("at least one origin that is no backup");
    }

    @Test
    void checksFillInWhatWasLeftOutAndRefuseWhatCannotWork() {
        OriginCheck check = new OriginCheck("/health", null, null, null);
        assertThat(check)
                .isEqualTo(
                        new OriginCheck("/health", Duration.ofSeconds(10), Duration.ofSeconds(2), List.of(200, 204)));
        assertThatThrownBy(() -> new OriginCheck("health", null, null, null))
                .hasMessageContaining("starts with a slash");
        assertThatThrownBy(() -> new OriginCheck("/", Duration.ofMillis(10), null, null))
                .hasMessage("check interval must be from 1s to 1h");
        assertThatThrownBy(() -> new OriginCheck("/", null, null, List.of(100)))
                .hasMessageContaining("check status 100");
        assertThatThrownBy(() -> new UpstreamSettings(Duration.ZERO, null, null, null))
                .hasMessage("connectTimeout must be from 1ms to 1h");
    }

    @Test
    void noClusterIsItsOwnParent() {
        assertThatThrownBy(
                        () -> new Cluster("fra", FRANKFURT, null, null, null, null, false, List.of(NODE), "fra", null))
                .hasMessageContaining("cannot be its own parent");
    }

    @Test
    void capacitiesPlacementsAndAnswersAreWithinTheirBounds() {
        assertThatThrownBy(() -> new Capacity(0.0, null)).hasMessageContaining("megabitsPerSecond must be above 0");
        assertThatThrownBy(() -> new Placement(List.of("fra", "fra"), null)).hasMessage("cluster 'fra' stands twice");
        assertThatThrownBy(() -> new AnswerSettings(25, null)).hasMessage("addresses must be 1 to 24, not 25");
        assertThatThrownBy(() -> new AnswerSettings(0, null, "A 1"))
                .hasMessageContaining("sharedWith 'A 1' must be 1 to 63");
    }
}
