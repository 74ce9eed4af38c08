package com.kingcdn.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.kingcdn.topology.Cluster;
import com.kingcdn.topology.ClusterKind;
import com.kingcdn.topology.HealthMode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

final class ControlJsonTest {

    private static final String CLUSTER =
            """
            {"id": "fra", "place": {"latitude": 50.11, "longitude": 8.68}, "coverage": ["192.0.2.0/24"],
             "nodes": [{"id": "fra-1", "ipv4": "127.0.2.1"}]}
            """;

    @Test
    void whatIsLeftOutHasItsDefault() {
        Cluster cluster = ControlJson.mapper().readValue(CLUSTER, Cluster.class);

        assertThat(cluster.kind()).isEqualTo(ClusterKind.BRING_HOME);
        assertThat(cluster.health()).isEqualTo(HealthMode.REPORTED);
        assertThat(cluster.nodes().get(0).port()).isEqualTo(8080);
        assertThat(cluster.coverage().get(0)).hasToString("192.0.2.0/24");
    }

    @Test
    void aClusterSurvivesTheRoundTrip() {
        Cluster cluster = ControlJson.mapper().readValue(CLUSTER, Cluster.class);

        assertThat(ControlJson.mapper().readValue(ControlJson.mapper().writeValueAsString(cluster), Cluster.class))
                .isEqualTo(cluster);
    }

    @Test
    void eventsAreReadByTheirType() {
        ControlEvent event = new ControlEvent.Purge(
                "p1",
                7,
                1_000,
                new PurgeRequest(List.of("http://video.netcinema.example/6Y7B23V"), null, null, null, null));

        assertThat(ControlJson.mapper().readValue(ControlJson.mapper().writeValueAsString(event), ControlEvent.class))
                .isEqualTo(event);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\": \"fra\", \"place\": {\"latitude\": 1, \"longitude\": 2}, \"colour\": \"red\"}",
                "{\"id\": \"fra\", \"id\": \"sin\"}",
                "{\"id\": \"fra\", \"place\": {\"latitude\": 1}}",
                "{\"id\": \"fra\"}",
                "{} {}"
            })
    void refusesUnknownDuplicateAndMissingKeys(String json) {
        assertThatThrownBy(() -> ControlJson.mapper().readValue(json, Cluster.class))
                .isInstanceOf(JacksonException.class);
    }

    @Test
    void aReportFromANewerEdgeIsUnderstood() {
        HealthReport report = ControlJson.mapper()
                .readValue(
                        "{\"node\": \"fra-1\", \"cluster\": \"fra\", \"ready\": true, \"mood\": 3}",
                        HealthReport.class);

        assertThat(report.ready()).isTrue();
        assertThat(report.receipts()).isEmpty();
    }
}
