package com.kingcdn.systemtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** With the control plane gone an edge not only goes on: it starts, too. */
@ExtendWith(LocalCdnExtension.class)
class StaticStabilityIT {

    private final LocalCdn cdn;

    StaticStabilityIT(LocalCdn cdn) {
        this.cdn = cdn;
    }

    @Test
    void anEdgeStartsAndServesFromItsLastSnapshotWithoutAnyRedirector() throws Exception {
        byte[] content = ServeTitleIT.bytes(700_000);
        cdn.store("/without-control", content);
        cdn.kill9("redirector");
        cdn.kill9("fra");
        cdn.restart("fra");
        await("the edge serves").atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            Curl.Response response = Curl.get(cdn.content("fra", "/without-control"));
            assertThat(response.status()).as(response.error()).isEqualTo(200);
            assertThat(response.body()).isEqualTo(content);
        });
        assertThat(Curl.get(cdn.management("fra") + "/actuator/health/readiness")
                        .status())
                .isEqualTo(200);
        assertThat(cdn.process("fra").logged())
                .contains("Serving by configuration")
                .contains("No control plane, serving by the last configuration");
    }
}
