package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What was purged is gone at every edge, also at one that was away. */
@ExtendWith(LocalCdnExtension.class)
class PurgeIT {

    private final LocalCdn cdn;

    PurgeIT(LocalCdn cdn) {
        this.cdn = cdn;
    }

    @Test
    void everyLiveEdgeForgetsWithinASecond_andSaysSo() throws Exception {
        cdn.store("/purged", "old".getBytes(StandardCharsets.UTF_8));
        for (String cluster : LocalCdn.CLUSTERS) {
            assertThat(Curl.get(cdn.content(cluster, "/purged")).text()).isEqualTo("old");
        }
        cdn.store("/purged", "new".getBytes(StandardCharsets.UTF_8));
        assertThat(Curl.get(cdn.content("sin", "/purged")).text())
                .as("still fresh")
                .isEqualTo("old");

        ControlApi api = cdn.controlApi();
        String id = purge(api, "/purged");
        await().untilAsserted(() -> {
            JsonNode purge = api.get("/purges/" + id).body();
            assertThat(purge.get("receipts").size()).as(purge.toString()).isEqualTo(3);
        });
        JsonNode purge = api.get("/purges/" + id).body();
        Instant accepted = Instant.parse(purge.get("acceptedAt").asString());
        for (JsonNode receipt : purge.get("receipts")) {
            assertThat(receipt.get("entries").asInt()).isEqualTo(1);
            assertThat(Duration.between(
                            accepted, Instant.parse(receipt.get("appliedAt").asString())))
                    .as(receipt.toString())
                    .isLessThan(Duration.ofSeconds(1));
        }
        for (String cluster : LocalCdn.CLUSTERS) {
            assertThat(Curl.get(cdn.content(cluster, "/purged")).text()).isEqualTo("new");
        }
    }

    @Test
    void anEdgeThatWasDownNeverServesWhatWasPurgedMeanwhile() throws Exception {
        cdn.store("/purged-meanwhile", "old".getBytes(StandardCharsets.UTF_8));
        assertThat(Curl.get(cdn.content("sin", "/purged-meanwhile")).text()).isEqualTo("old");
        await("the disk tier has written it")
                .until(() -> LocalCdn.metric(cdn.management("sin"), "kingcdn_edge_disk_write_queue_bytes") == 0);
        cdn.kill9("sin");
        cdn.store("/purged-meanwhile", "new".getBytes(StandardCharsets.UTF_8));
        ControlApi api = cdn.controlApi();
        String id = purge(api, "/purged-meanwhile");
        cdn.restart("sin");
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            Curl.Response response = Curl.get(cdn.content("sin", "/purged-meanwhile"));
            assertThat(response.text()).isNotEqualTo("old");
            assertThat(response.text()).isEqualTo("new");
        });
        await().untilAsserted(() -> assertThat(
                        api.get("/purges/" + id).body().get("receipts").toString())
                .contains("sin-1"));
    }

    @Test
    void aPrefixIsForgottenAtOnce_alsoByAnEdgeThatWasDown() throws Exception {
        for (String path : new String[] {"/show/1/a", "/show/1/b", "/show/10"}) {
            cdn.store(path, "old".getBytes(StandardCharsets.UTF_8));
            for (String cluster : LocalCdn.CLUSTERS) {
                assertThat(Curl.get(cdn.content(cluster, path)).text()).isEqualTo("old");
            }
            cdn.store(path, "new".getBytes(StandardCharsets.UTF_8));
        }
        await("the disk tier has written it")
                .until(() -> LocalCdn.metric(cdn.management("sin"), "kingcdn_edge_disk_write_queue_bytes") == 0);
        cdn.kill9("sin");
        ControlApi api = cdn.controlApi();
        ControlApi.Reply accepted =
                api.post("/purges", "{\"prefixes\":[\"http://" + LocalCdn.HOST + "/show/1\"],\"mode\":\"hard\"}");
        assertThat(accepted.status()).as(accepted.body().toString()).isEqualTo(202);
        String id = accepted.body().get("id").asString();
        await().untilAsserted(() -> assertThat(
                        api.get("/purges/" + id).body().get("receipts").size())
                .isEqualTo(2));
        cdn.restart("sin");
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertThat(
                        api.get("/purges/" + id).body().get("receipts").size())
                .isEqualTo(3));
        await("the disk tier has been read")
                .until(() -> LocalCdn.metric(cdn.management("sin"), "kingcdn_edge_disk_loading") == 0);
        for (String cluster : LocalCdn.CLUSTERS) {
            assertThat(Curl.get(cdn.content(cluster, "/show/1/a")).text()).isEqualTo("new");
            assertThat(Curl.get(cdn.content(cluster, "/show/1/b")).text()).isEqualTo("new");
            assertThat(Curl.get(cdn.content(cluster, "/show/10")).text())
                    .as("no segment of the prefix")
                    .isEqualTo("old");
        }
    }

    private static String purge(ControlApi api, String path) throws Exception {
        ControlApi.Reply accepted = api.post("/purges", "{\"urls\":[\"http://" + LocalCdn.HOST + path + "\"]}");
        assertThat(accepted.status()).as(accepted.body().toString()).isEqualTo(202);
        return accepted.body().get("id").asString();
    }
}
