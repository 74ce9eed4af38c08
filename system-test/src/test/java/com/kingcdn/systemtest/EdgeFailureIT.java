package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A cluster that dies is left out within seconds, and comes back with its cache. */
@ExtendWith(LocalCdnExtension.class)
class EdgeFailureIT {

    /** Silence of 3 s, and what a busy machine adds. */
    private static final Duration LEAVES_ANSWERS = Duration.ofSeconds(5);

    private static final Duration RETURNS = Duration.ofMinutes(1);

    private final LocalCdn cdn;

    EdgeFailureIT(LocalCdn cdn) {
        this.cdn = cdn;
    }

    @Test
    void answersMoveAway_andTheClusterReturnsWithItsDiskCacheWarm() throws Exception {
        byte[] content = ServeTitleIT.bytes(2_000_000);
        cdn.store("/kept-on-disk", content);
        assertThat(Curl.get(cdn.content("nyc", "/kept-on-disk")).body()).isEqualTo(content);
        await("the disk tier has written it")
                .until(() -> LocalCdn.metric(cdn.management("nyc"), "kingcdn_edge_disk_write_queue_bytes") == 0);

        cdn.kill9("nyc");
        await("answers move").atMost(LEAVES_ANSWERS).untilAsserted(() -> assertThat(address("nyc"))
                .isNotEqualTo(cdn.edge("nyc"))
                .isIn(cdn.edge("fra"), cdn.edge("sin")));
        assertThat(Curl.get(cdn.contentByDns("/kept-on-disk")).body()).isEqualTo(content);

        cdn.restart("nyc");
        await("the cluster is back in answers").atMost(RETURNS).untilAsserted(() -> assertThat(address("nyc"))
                .isEqualTo(cdn.edge("nyc")));
        double sent = cdn.originSentBytes();
        await("served from disk once no purge can have been missed").untilAsserted(() -> {
            Curl.Response response = Curl.get(cdn.content("nyc", "/kept-on-disk"));
            assertThat(response.body()).isEqualTo(content);
            assertThat(response.field("cache-status")).contains("hit").doesNotContain("fwd=");
        });
        assertThat(cdn.originSentBytes())
                .as("not one byte of it was fetched again")
                .isEqualTo(sent);
    }

    @Test
    void whenAllAreDownTheLastKnownGoodSetIsAnswered() throws Exception {
        for (String cluster : LocalCdn.CLUSTERS) {
            cdn.kill9(cluster);
        }
        await("the redirector knows")
                .atMost(LEAVES_ANSWERS)
                .until(() -> LocalCdn.metric(cdn.api(), "kingcdn_redirector_nodes_up") == 0);
        Dig.Answer answer = Dig.query(cdn, LocalCdn.HOST, "+subnet=8.8.8.0/24");
        assertThat(answer.data("A")).as(answer.printed()).isNotEmpty();
    }

    private String address(String cluster) throws Exception {
        Dig.Answer answer = Dig.query(cdn, LocalCdn.HOST, "+subnet=" + LocalCdn.subnet(cluster));
        assertThat(answer.data("A")).as(answer.printed()).hasSize(1);
        return answer.data("A").get(0);
    }
}
