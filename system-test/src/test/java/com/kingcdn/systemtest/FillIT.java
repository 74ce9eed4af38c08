package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Content pushed ahead of demand is a hit for its first client. */
@ExtendWith(LocalCdnExtension.class)
class FillIT {

    private final LocalCdn cdn;

    FillIT(LocalCdn cdn) {
        this.cdn = cdn;
    }

    @Test
    void theFirstRequestAfterAFillIsAHit_andTheOriginSeesNothing() throws Exception {
        byte[] content = ServeTitleIT.bytes(1_500_000);
        cdn.store("/pushed", content);
        ControlApi api = cdn.controlApi();
        ControlApi.Reply accepted =
                api.post("/fills", "{\"distribution\":\"a1105\",\"paths\":[\"/pushed\"],\"clusters\":[\"fra\"]}");
        assertThat(accepted.status()).as(accepted.body().toString()).isEqualTo(202);
        String id = accepted.body().get("id").asString();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(api.get("/fills/" + id).body().toString()).contains("\"state\":\"done\""));

        double requests = cdn.originRequests();
        Curl.Response first = Curl.get(cdn.content("fra", "/pushed"));
        assertThat(first.body()).isEqualTo(content);
        assertThat(first.field("cache-status")).contains("hit");
        assertThat(cdn.originRequests()).isEqualTo(requests);
        assertThat(Curl.get(cdn.content("sin", "/pushed")).field("cache-status"))
                .contains("fwd=uri-miss");
    }
}
